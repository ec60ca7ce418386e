using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Events that were decoded and not handed out yet. It outlives a reader: what one did not take is the next one's.
/// </summary>
internal sealed class EventBatch
{
    private const int Capacity = 1024;

    private readonly IRecordRing _ring;
    private readonly ProbeSpec?[] _byKind = new ProbeSpec?[byte.MaxValue];
    private readonly EbpfEvent?[] _events = new EbpfEvent?[Capacity];
    private readonly EventContext _context = new(SystemNames.Shared, Environment.MachineName);
    private readonly BootClock _clock = new();
    private int _next;
    private int _count;
    private long _delivered;
    private long _undecoded;

    public EventBatch(IRecordRing ring, IEnumerable<ProbeSpec> probes)
    {
        _ring = ring;
        foreach (ProbeSpec probe in probes)
        {
            _byKind[(int)probe.Kind] = probe;
        }
    }

    /// <summary>Records that were handed out, or could not be decoded.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Records that could not be decoded.</summary>
    public long Undecoded => Interlocked.Read(ref _undecoded);

    /// <summary>Takes the next event, by time; decodes more from the ring when none is left.</summary>
    /// <param name="end">The last moment whose events are taken, by the boot clock: the other one may be set meanwhile.</param>
    public EbpfEvent? Take(long end)
    {
        if ((_next == _count && !Fill()) || _events[_next]!.BootNs > end)
        {
            return null;
        }

        EbpfEvent taken = _events[_next]!;
        _events[_next++] = null;
        Interlocked.Increment(ref _delivered);
        return taken;
    }

    private bool Fill()
    {
        _next = _count = 0;
        _clock.Refresh();
        _context.BootToUnixNs = _clock.OffsetNs;
        while (_count < Capacity && _ring.TryNext(out ReadOnlySpan<byte> record))
        {
            Add(record);
        }

        // Also where there was none: what was passed over, discarded records, takes room too.
        _ring.Publish();
        return _count > 0;
    }

    private void Add(ReadOnlySpan<byte> record)
    {
        EbpfEvent decoded;
        try
        {
            EventHeader header = EventHeader.ReadStruct<EventHeader>(record);
            ProbeSpec spec = (int)header.Kind < _byKind.Length && _byKind[(int)header.Kind] is ProbeSpec known
                ? known
                : throw EventHeader.Invalid($"kind {header.Kind} is of no probe of the session");
            decoded = spec.Decode(record, _context);
        }
        catch (EbpfException)
        {
            // The account names it; the stream goes on.
            Interlocked.Increment(ref _undecoded);
            Interlocked.Increment(ref _delivered);
            return;
        }

        // Records stand in the ring almost by time: CPUs that write at once may swap neighbours.
        int at = _count++;
        for (; at > 0 && _events[at - 1]!.BootNs > decoded.BootNs; at--)
        {
            _events[at] = _events[at - 1];
        }

        _events[at] = decoded;
    }
}
