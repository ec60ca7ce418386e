using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A BPF_MAP_TYPE_RINGBUF of a user's object, whose programs wake its reader as they please.</summary>
internal sealed class UserRing : RecordBuffer
{
    private readonly MappedMemory _consumerPage;
    private readonly MappedMemory _producerPages;
    private readonly BpfMap _map;
    private RingMemory _memory;
    private long _end = long.MaxValue;

    public UserRing(BpfMap map)
    {
        int page = Environment.SystemPageSize;
        _map = map;
        Size = map.MaxEntries;
        _consumerPage = MappedMemory.Map(map.Fd, 0, (nuint)page, writable: true);
        _producerPages = MappedMemory.Map(map.Fd, page, (nuint)(page + (2 * Size)), writable: false);
        _memory = new RingMemory(_consumerPage, _producerPages, Size);
    }

    public override long Size { get; }

    public override long? Lost => null;

    public override void Watch(Waiter waiter) => waiter.Watch(_map.Fd);

    public override bool TryNext(out ReadOnlySpan<byte> record, out ulong time)
    {
        time = 0;
        record = default;
        return _memory.Position < _end && _memory.TryNext(out record);
    }

    public override void Publish() => _memory.Publish();

    public override void EndHere() => _end = _memory.Position + _memory.Waiting;

    public override void Reopen() => _end = long.MaxValue;

    public override void Dispose()
    {
        _producerPages.Dispose();
        _consumerPage.Dispose();
    }
}
