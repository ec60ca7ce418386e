using System.Buffers.Binary;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class LatencyEventTests
{
    private const int Size = Record.HeaderSize + 24;

    [Fact]
    public void EveryPropertyOfASuccess()
    {
        LatencyEvent decoded = LatencyEvent.Decode(Whole(SyscallNames.Native.NumberOf("read")!.Value, 0, 4096), Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("latency", decoded.Probe);
        Assert.Equal("read", decoded.Syscall);
        Assert.False(decoded.Is32Bit);
        Assert.Equal(1_234_567, decoded.DurationNs);
        Assert.Equal(TimeSpan.FromTicks(12_345), decoded.Duration);
        Assert.Equal(4096, decoded.ReturnValue);
        Assert.Equal(0, decoded.ErrorNumber);
        Assert.Equal("", decoded.ErrorName);
    }

    [Theory]
    [InlineData(-1, 1, "EPERM")]
    [InlineData(-110, 110, "ETIMEDOUT")]
    [InlineData(-512, 512, "ERESTARTSYS")]
    [InlineData(-4095, 4095, "4095")]
    [InlineData(-4096, 0, "")]
    [InlineData(long.MinValue, 0, "")]
    [InlineData(long.MaxValue, 0, "")]
    public void OnlyResultsFromMinus4095OnAreErrors(long result, int number, string name)
    {
        LatencyEvent decoded = LatencyEvent.Decode(Whole(0, 0, result), Record.Context());

        Assert.Equal((result, number, name), (decoded.ReturnValue, decoded.ErrorNumber, decoded.ErrorName));
    }

    [Fact]
    public void A32BitCallHasTheNameOfItsOwnTable()
    {
        uint number = SyscallNames.Compat.NumberOf("getpid")!.Value;

        LatencyEvent decoded = LatencyEvent.Decode(Whole(number, 1, 1), Record.Context());

        Assert.True(decoded.Is32Bit);
        Assert.Equal("getpid", decoded.Syscall);
        Assert.NotEqual("getpid", SyscallNames.Native.NameOf(number));
    }

    [Fact]
    public void ANumberWithoutANameIsCalledByIt() =>
        Assert.Equal("syscall_4294967295", LatencyEvent.Decode(Whole(uint.MaxValue, 0, -38), Record.Context()).Syscall);

    [Fact]
    public void CutAtEachOffsetIsRefused()
    {
        HostileRecords.RefusesEveryCut(Whole(0, 0, 0), LatencyEvent.Decode);
        HostileRecords.RefusesEveryHonestCut(Whole(0, 0, 0), LatencyEvent.Decode);
    }

    [Fact]
    public void RandomMutationsGiveAnEventOrAnEbpfException()
    {
        (int decoded, int refused) = HostileRecords.Mutate([Whole(0, 0, 1), Whole(20, 1, -1)], 100_000, LatencyEvent.Decode);

        Assert.Equal(100_000, decoded + refused);
        Assert.True(decoded > 10_000, $"only {decoded} decoded");
        Assert.True(refused > 1_000, $"only {refused} were refused");
    }

    private static byte[] Whole(uint number, uint compat, long result)
    {
        byte[] record = new byte[Size];
        Record.WriteHeader(record, EventKind.Latency, 0);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(80), 1_234_567);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(88), result);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(96), number);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(100), compat);
        return record;
    }
}
