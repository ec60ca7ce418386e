using System.Buffers.Binary;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// One CPU's ring of a perf buffer, as include/uapi/linux/perf_event.h describes it: a page with two positions that only
/// grow, then the data, in which a record may wrap from the end to the start.
/// </summary>
internal sealed class PerfRing : IDisposable
{
    /// <summary><c>data_head</c> and <c>data_tail</c> of <c>struct perf_event_mmap_page</c>.</summary>
    private const int HeadOffset = 1024;

    private const int TailOffset = 1032;
    private const int HeaderSize = 8;
    private const int RecordLost = 2;
    private const int RecordSample = 9;

    /// <summary>A sample's time and the length of its raw bytes, before these.</summary>
    private const int RawOffset = sizeof(ulong) + sizeof(uint);

    private readonly FileDescriptor _event;
    private readonly bool _countsLost;
    private readonly MappedMemory _memory;
    private readonly int _page = Environment.SystemPageSize;
    private byte[] _wrapped = [];
    private long _position;
    private long _lost;
    private long _end = long.MaxValue;

    public PerfRing(int cpu, int size)
    {
        Size = size;
        _event = PerfEvent.OpenOutput(cpu, size / 4, out _countsLost);
        try
        {
            _memory = MappedMemory.Map(_event.Number, 0, (nuint)(_page + size), writable: true);
        }
        catch
        {
            _event.Dispose();
            throw;
        }
    }

    public int Size { get; }

    public int Fd => _event.Number;

    /// <summary>
    /// Records that found no room. Before Linux 6.0 only the ring itself says so, in front of the next record that finds some:
    /// those after the last one are not known.
    /// </summary>
    public long Lost => _countsLost ? PerfEvent.ReadLost(_event) : Volatile.Read(ref _lost);

    private long Head => Volatile.Read(ref _memory.At<long>(HeadOffset));

    /// <inheritdoc cref="RecordBuffer.TryNext"/>
    public bool TryNext(out ReadOnlySpan<byte> record, out ulong time)
    {
        while (_position < Math.Min(Head, _end))
        {
            ReadOnlySpan<byte> header = Part(_position, HeaderSize);
            int type = BinaryPrimitives.ReadInt32LittleEndian(header);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
            if (length < HeaderSize)
            {
                throw new EbpfException(EbpfErrorId.InvalidRecord, "A perf buffer has a record without a length.");
            }

            ReadOnlySpan<byte> body = Part(_position + HeaderSize, length - HeaderSize);
            _position += length;
            if (type == RecordLost)
            {
                _lost += BinaryPrimitives.ReadInt64LittleEndian(body[sizeof(ulong)..]);
            }
            else if (type == RecordSample)
            {
                time = BinaryPrimitives.ReadUInt64LittleEndian(body);
                int raw = BinaryPrimitives.ReadInt32LittleEndian(body[sizeof(ulong)..]);
                record = body.Slice(RawOffset, raw);
                return true;
            }
        }

        record = default;
        time = 0;
        return false;
    }

    /// <inheritdoc cref="RecordBuffer.Publish"/>
    public void Publish() => Volatile.Write(ref _memory.At<long>(TailOffset), _position);

    /// <inheritdoc cref="RecordBuffer.EndHere"/>
    public void EndHere() => _end = Head;

    /// <inheritdoc cref="RecordBuffer.Reopen"/>
    public void Reopen() => _end = long.MaxValue;

    public void Dispose()
    {
        _memory.Dispose();
        _event.Dispose();
    }

    private ReadOnlySpan<byte> Part(long position, int length)
    {
        int at = (int)(position & (Size - 1));
        if (at + length <= Size)
        {
            return _memory.Bytes(_page + at, length);
        }

        if (_wrapped.Length < length)
        {
            _wrapped = new byte[Math.Max(length, ushort.MaxValue)];
        }

        int first = Size - at;
        _memory.Bytes(_page + at, first).CopyTo(_wrapped);
        _memory.Bytes(_page, length - first).CopyTo(_wrapped.AsSpan(first));
        return _wrapped.AsSpan(0, length);
    }
}
