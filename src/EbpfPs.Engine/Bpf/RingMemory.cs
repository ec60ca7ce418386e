using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// The memory protocol of a BPF ring buffer (kernel/bpf/ringbuf.c), without any call into the kernel: two
/// positions that only grow, and records of an 8-byte header and a body, each padded to 8 bytes. The data is
/// mapped twice in a row, so that a record which wraps is still one piece.
/// </summary>
internal unsafe struct RingMemory
{
    private const uint BusyBit = 1u << 31;
    private const uint DiscardBit = 1u << 30;
    private const int HeaderSize = 8;

    private readonly long* _consumer;
    private readonly long* _producer;
    private readonly byte* _data;
    private readonly long _mask;
    private long _position;
    private long _end;

    /// <summary>Looks at a ring.</summary>
    /// <param name="consumer">The page with the reader's position.</param>
    /// <param name="producer">The page with the writers' position.</param>
    /// <param name="data">The data, twice.</param>
    /// <param name="size">Bytes of the data, a power of two.</param>
    public RingMemory(long* consumer, long* producer, byte* data, long size)
    {
        _consumer = consumer;
        _producer = producer;
        _data = data;
        _mask = size - 1;
        _position = Volatile.Read(ref *consumer);
    }

    /// <summary>Looks at a ring as the kernel maps it.</summary>
    /// <param name="consumer">The first page of the map, writable.</param>
    /// <param name="producer">The rest of it: a page, then the data twice.</param>
    /// <param name="size">Bytes of the data.</param>
    public RingMemory(MappedMemory consumer, MappedMemory producer, long size)
        : this((long*)consumer.Address, (long*)producer.Address, producer.Address + Environment.SystemPageSize, size)
    {
    }

    /// <summary>Bytes between the reader and the writers, padding and unfinished records included.</summary>
    public readonly long Waiting => Volatile.Read(ref *_producer) - _position;

    /// <summary>Bytes that the reader has stepped over since the ring was made.</summary>
    public readonly long Position => _position;

    /// <summary>
    /// Steps to the next finished record. Its bytes are valid until <see cref="Publish"/>; the space of
    /// discarded records is passed over.
    /// </summary>
    /// <returns>False at the end, or at a record that is still being written.</returns>
    /// <exception cref="EbpfException">What is there is no record: somebody else has given its space back.</exception>
    public bool TryNext(out ReadOnlySpan<byte> record)
    {
        while (_position < _end || ReadEnd())
        {
            byte* header = _data + (_position & _mask);
            uint length = Volatile.Read(ref *(uint*)header);
            if ((length & BusyBit) != 0)
            {
                break;
            }

            uint size = length & ~DiscardBit;
            long next = _position + ((HeaderSize + size + 7) & ~7L);
            if (next > _end)
            {
                throw new EbpfException(EbpfErrorId.InvalidRecord, "A ring has a record that is longer than what was written: it has another reader.");
            }

            _position = next;
            if ((length & DiscardBit) == 0)
            {
                record = new ReadOnlySpan<byte>(header + HeaderSize, (int)size);
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>
    /// Looks how far the writers are. Once for all that is there: each look takes the position's cache line from
    /// the writers' processor. It is read with acquire: headers before it are then visible.
    /// </summary>
    private bool ReadEnd()
    {
        _end = Volatile.Read(ref *_producer);
        return _position < _end;
    }

    /// <summary>Gives the space of all records passed so far back to the writers.</summary>
    public readonly void Publish() => Volatile.Write(ref *_consumer, _position);
}
