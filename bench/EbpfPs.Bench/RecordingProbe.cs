using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>The open probe, whose records are kept as they come from the kernel.</summary>
internal sealed class RecordingProbe : ProbeSpec
{
    private readonly OpenProbe _open = new();
    private readonly string _load;

    private RecordingProbe(string load) => _load = load;

    public override string Name => _open.Name;

    public override string Description => _open.Description;

    public override EventKind Kind => _open.Kind;

    public override Type EventType => _open.EventType;

    public override IReadOnlyList<ProbeMechanism> Mechanisms => _open.Mechanisms;

    public override int Streams => _open.Streams;

    private List<byte[]> Records { get; } = [];

    /// <summary>Records what a load makes.</summary>
    /// <param name="count">How many opens; the ring holds them all.</param>
    /// <param name="more">The load's own arguments.</param>
    public static IReadOnlyList<byte[]> Record(long count, params string[] more)
    {
        RecordingProbe probe = new("load-opens");
        SessionOptions options = new() { Probes = [probe], BufferSize = 64 * 1024 * 1024 };
        using ProbeSession session = ProbeSession.Start(options);
        Load.Run("load-opens", count, 0, more);
        using EventReader reader = session.OpenReader();
        reader.Detach();
        while (reader.TryRead() is not null)
        {
        }

        return probe.Records;
    }

    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EbpfEvent decoded = _open.Decode(record, context);
        if (decoded.ProcessName == _load)
        {
            Records.Add(record.ToArray());
        }

        return decoded;
    }

    public override void Configure(OpenedBpfObject obj, SessionOptions options) => _open.Configure(obj, options);
}
