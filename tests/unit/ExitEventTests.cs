using System.Buffers.Binary;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class ExitEventTests
{
    [Fact]
    public void EveryPropertyOfAnOrderlyEnd()
    {
        ExitEvent decoded = ExitEvent.Decode(Whole(0x2a00), Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("exit", decoded.Probe);
        Assert.Equal(42, decoded.ExitCode);
        Assert.Equal(0, decoded.Signal);
        Assert.Equal("", decoded.SignalName);
        Assert.False(decoded.CoreDumped);
        Assert.Equal(9_876_543_210, decoded.LifetimeNs);
        Assert.Equal(TimeSpan.FromTicks(98_765_432), decoded.Lifetime);
    }

    [Theory]
    [InlineData(0x0009, 9, "SIGKILL", false)]
    [InlineData(0x008b, 11, "SIGSEGV", true)]
    [InlineData(0x0022, 34, "SIGRTMIN+2", false)]
    public void ASignal(uint status, int signal, string name, bool core)
    {
        ExitEvent decoded = ExitEvent.Decode(Whole(status), Record.Context());

        Assert.Equal(0, decoded.ExitCode);
        Assert.Equal(signal, decoded.Signal);
        Assert.Equal(name, decoded.SignalName);
        Assert.Equal(core, decoded.CoreDumped);
    }

    [Fact]
    public void CutAtEachOffsetIsRefused()
    {
        HostileRecords.RefusesEveryCut(Whole(0), ExitEvent.Decode);
        HostileRecords.RefusesEveryHonestCut(Whole(0), ExitEvent.Decode);
    }

    [Fact]
    public void RandomMutationsGiveAnEventOrAnEbpfException()
    {
        (int decoded, int refused) = HostileRecords.Mutate([Whole(0), Whole(0x8b)], 100_000, ExitEvent.Decode);

        Assert.Equal(100_000, decoded + refused);
        Assert.True(decoded > 10_000, $"only {decoded} decoded");
        Assert.True(refused > 1_000, $"only {refused} were refused");
    }

    private static byte[] Whole(uint status)
    {
        byte[] record = new byte[Record.HeaderSize + 16];
        Record.WriteHeader(record, EventKind.Exit, 0);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(80), 9_876_543_210);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(88), status);
        return record;
    }
}
