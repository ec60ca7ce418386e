using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Records that were decoded and not handed out yet. Those of a perf buffer, whose CPUs each have a ring, are put in order
/// of their time; a ring has its own order.
/// </summary>
internal sealed class RecordBatch
{
    private readonly List<RecordBuffer> _buffers;
    private readonly RecordShape?[] _shapes;
    private readonly ObjectRecord?[] _records;
    private readonly ulong[] _times;
    private readonly RecordContext _context = new();
    private int _next;
    private int _count;
    private int _first;
    private long _delivered;
    private long _undecoded;

    /// <param name="buffers">Where records come from.</param>
    /// <param name="shapeOf">What those of a buffer are, by its name; null for bytes of no known type.</param>
    /// <param name="capacity">How many are decoded at once.</param>
    public RecordBatch(List<RecordBuffer> buffers, Func<string, RecordShape?> shapeOf, int capacity)
    {
        _buffers = buffers;
        _shapes = buffers.Select(buffer => shapeOf(buffer.Name)).ToArray();
        _records = new ObjectRecord?[capacity];
        _times = new ulong[capacity];
    }

    /// <summary>Records that were handed out, or could not be decoded.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Records that are shorter than their struct.</summary>
    public long Undecoded => Interlocked.Read(ref _undecoded);

    /// <summary>Takes the next record; decodes more when none is left.</summary>
    public EbpfRecord? Take()
    {
        if (_next == _count && !Fill())
        {
            return null;
        }

        ObjectRecord taken = _records[_next]!;
        _records[_next++] = null;
        Interlocked.Increment(ref _delivered);
        return taken;
    }

    private bool Fill()
    {
        _next = _count = 0;
        _context.Boot.Refresh();
        _context.Monotonic.Refresh();

        // Each batch begins with another buffer: one that always has more would keep the others waiting for ever.
        for (int i = 0; i < _buffers.Count; i++)
        {
            int at = (_first + i) % _buffers.Count;
            RecordBuffer buffer = _buffers[at];
            while (_count < _records.Length && buffer.TryNext(out ReadOnlySpan<byte> record, out ulong time))
            {
                Add(record, _shapes[at], time);
            }

            // Also where there was none: what was passed over, discarded records, takes room too.
            buffer.Publish();
        }

        _first = (_first + 1) % Math.Max(1, _buffers.Count);
        return _count > 0;
    }

    private void Add(ReadOnlySpan<byte> bytes, RecordShape? shape, ulong time)
    {
        if (shape is not null && bytes.Length < shape.Size)
        {
            // The account names it; the stream goes on.
            Interlocked.Increment(ref _undecoded);
            Interlocked.Increment(ref _delivered);
            return;
        }

        ObjectRecord record = shape is null ? new UntypedRecord(bytes.ToArray()) : shape.Decode(bytes, _context);
        int at = _count++;
        for (; at > 0 && _times[at - 1] > time; at--)
        {
            _records[at] = _records[at - 1];
            _times[at] = _times[at - 1];
        }

        _records[at] = record;
        _times[at] = time;
    }
}
