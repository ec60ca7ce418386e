using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// Reads a session's ring on the thread that asks. It sleeps on epoll for the ring and for a wake-up from
/// another thread, and tells the programs through the control block how it sleeps, so that they wake it only
/// when that is worth it (bpf/include/session.bpf.h).
/// </summary>
internal sealed class RingReader : IRecordRing, IDisposable
{
    /// <summary>How long a reader that was just busy naps before it looks again by itself.</summary>
    private const int DozeMilliseconds = 20;

    /// <summary>A net under the wake-up protocol: a sleeper looks again after so long in any case.</summary>
    private const int SleepMilliseconds = 1000;

    /// <summary>How long it leaves the processor to the writer of a record that is not finished.</summary>
    private const int UnfinishedMilliseconds = 1;

    private const uint Busy = 0;
    private const uint Dozing = 1;
    private const uint Sleeping = 2;

    private readonly MappedMemory _consumerPage;
    private readonly MappedMemory _producerPages;
    private readonly MappedMemory _controlPage;
    private readonly Waiter _waiter = new();
    private RingMemory _memory;
    private bool _idle;
    private bool _unfinished;

    public RingReader(BpfMap ring, BpfMap control)
    {
        int page = Environment.SystemPageSize;
        long size = ring.MaxEntries;
        try
        {
            _consumerPage = MappedMemory.Map(ring.Fd, 0, (nuint)page, writable: true);
            _producerPages = MappedMemory.Map(ring.Fd, page, (nuint)(page + (2 * size)), writable: false);
            _controlPage = MappedMemory.Map(control.Fd, 0, (nuint)page, writable: true);
            _memory = new RingMemory(_consumerPage, _producerPages, size);

            // Data that is there already must not end a nap, only a wake-up may.
            _waiter.Watch(ring.Fd);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Lets the programs make records, all at once, or stops them.</summary>
    public bool Armed
    {
        set => Volatile.Write(ref _controlPage.At<uint>(0), value ? 1u : 0u);
    }

    private ref uint State => ref _controlPage.At<uint>(sizeof(uint));

    /// <inheritdoc cref="RingMemory.TryNext"/>
    public bool TryNext(out ReadOnlySpan<byte> record) => _memory.TryNext(out record);

    /// <inheritdoc cref="RingMemory.Publish"/>
    public void Publish() => _memory.Publish();

    /// <summary>
    /// Waits for records after none were found. A reader that had some lately naps on a timer, and is woken
    /// earlier only when much is waiting; one that has been idle sleeps until the first record.
    /// </summary>
    /// <param name="hadRecords">Whether any were found since the last wait.</param>
    /// <param name="milliseconds">The longest wait.</param>
    public void Wait(bool hadRecords, int milliseconds)
    {
        _idle = !hadRecords;
        Interlocked.Exchange(ref State, _idle ? Sleeping : Dozing);

        // A full fence lies between the state and this look; the programs do the same the other way round. What waits
        // here a second time without having been found can't be read yet: its writer was interrupted while it writes.
        bool waiting = _memory.Waiting != 0;
        if (!_idle || !waiting || _unfinished)
        {
            int longest = !_idle ? DozeMilliseconds : waiting ? UnfinishedMilliseconds : SleepMilliseconds;
            _waiter.Wait(Math.Min(milliseconds, longest));
        }

        _unfinished = _idle && waiting;
        Volatile.Write(ref State, Busy);
    }

    /// <inheritdoc cref="Waiter.Wake"/>
    public void Wake() => _waiter.Wake();

    public void Dispose()
    {
        // Some are null when the constructor failed.
        _waiter.Dispose();
        _controlPage?.Dispose();
        _producerPages?.Dispose();
        _consumerPage?.Dispose();
    }
}
