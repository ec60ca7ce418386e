using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>What becomes of records in a session's ring that are no events: they are counted, and the others come.</summary>
public sealed class EventBatchTests
{
    private static readonly ProbeSpec _open = ProbeCatalog.All.Single(probe => probe.Kind == EventKind.Open);

    public static TheoryData<string> Faults => [.. _faults.Keys];

    private static readonly Dictionary<string, Func<byte[]>> _faults = new()
    {
        ["empty"] = () => [],
        ["shorter than a header"] = () => Good("/lost")[..79],
        ["shorter than it says"] = () => Good("/lost")[..^1],
        ["of a probe that is not in the session"] = () => OfKind((ushort)EventKind.Exit),
        ["of no probe"] = () => OfKind(0),
        ["of a kind beyond the table of kinds"] = () => OfKind(ushort.MaxValue),
        ["with a name that reaches out of it"] = () => With(Good("/lost"), 104, long.MaxValue),
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void ARecordThatIsNoneIsCountedAndTheStreamGoesOn(string fault)
    {
        using FakeRing ring = new(4096);
        EventBatch batch = new(new Reader(ring), [_open]);
        ring.Write(_faults[fault]());
        ring.Write(Good("/first"));
        ring.Write(Good("/second"));

        Assert.Equal(["/first", "/second"], Drain(batch));
        AssertAccount(batch, undecoded: 1, delivered: 3);
        Assert.Equal(ring.Producer, ring.Consumer);

        ring.Write(Good("/third"));
        Assert.Equal(["/third"], Drain(batch));
        AssertAccount(batch, undecoded: 1, delivered: 4);
    }

    [Fact]
    public void NothingButBadRecordsEndsNothing()
    {
        using FakeRing ring = new(4096);
        EventBatch batch = new(new Reader(ring), [_open]);
        for (int i = 1; i <= 1000; i++)
        {
            Assert.True(ring.Write(OfKind(0)), "the ring's space was not given back");
            Assert.Null(batch.Take(long.MaxValue));
            AssertAccount(batch, undecoded: i, delivered: i);
        }

        ring.Write(Good("/last"));
        Assert.Equal(["/last"], Drain(batch));
    }

    private static void AssertAccount(EventBatch batch, long undecoded, long delivered)
    {
        LossReport report = LossReport.Read("open", TimeSpan.Zero, [], batch);
        Assert.Equal((undecoded, delivered, undecoded), (report.Undecoded, report.Delivered, report.Lost));
    }

    private static List<string> Drain(EventBatch batch)
    {
        List<string> names = [];
        while (batch.Take(long.MaxValue) is EbpfEvent taken)
        {
            names.Add(Assert.IsType<OpenEvent>(taken).FileName);
        }

        return names;
    }

    private static byte[] Good(string name) => Record.Open(System.Text.Encoding.UTF8.GetBytes(name), -100, 3, 0, 0);

    private static byte[] OfKind(ushort kind)
    {
        byte[] record = Good("/lost");
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(24), kind);
        return record;
    }

    private static byte[] With(byte[] record, int at, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at), value);
        return record;
    }

    private sealed class Reader(FakeRing ring) : IRecordRing
    {
        private RingMemory _memory = ring.Reader();

        public bool TryNext(out ReadOnlySpan<byte> record) => _memory.TryNext(out record);

        public void Publish() => _memory.Publish();
    }
}
