using System.Buffers.Binary;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// Reads a session's ring on the thread that asks. It sleeps on epoll for the ring and for a wake-up from
/// another thread, and tells the programs through the control block how it sleeps, so that they wake it only
/// when that is worth it (bpf/include/session.bpf.h).
/// </summary>
internal sealed class RingReader : IDisposable
{
    /// <summary>How long a reader that was just busy naps before it looks again by itself.</summary>
    private const int DozeMilliseconds = 20;

    /// <summary>A net under the wake-up protocol: a sleeper looks again after so long in any case.</summary>
    private const int SleepMilliseconds = 1000;

    private const uint Busy = 0;
    private const uint Dozing = 1;
    private const uint Sleeping = 2;

    /// <summary>epoll_event is packed on x86-64 and padded elsewhere; 16 bytes hold either.</summary>
    private const int EpollEventSize = 16;

    private readonly MappedMemory _consumerPage;
    private readonly MappedMemory _producerPages;
    private readonly MappedMemory _controlPage;
    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;
    private RingMemory _memory;
    private bool _idle;

    public RingReader(BpfMap ring, BpfMap control)
    {
        int page = Environment.SystemPageSize;
        long size = ring.MaxEntries;
        _consumerPage = MappedMemory.Map(ring.Fd, 0, (nuint)page, writable: true);
        _producerPages = MappedMemory.Map(ring.Fd, page, (nuint)(page + (2 * size)), writable: false);
        _controlPage = MappedMemory.Map(control.Fd, 0, (nuint)page, writable: true);
        _memory = new RingMemory(_consumerPage, _producerPages, size);
        _epoll = new FileDescriptor(LibC.epoll_create1(LibC.EPOLL_CLOEXEC), "create an epoll");
        _wake = new FileDescriptor(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "create an eventfd");

        // Edge-triggered: data that is there already must not end a nap, only a wake-up may.
        Watch(ring.Fd, LibC.EPOLLIN | LibC.EPOLLET);
        Watch(_wake.Number, LibC.EPOLLIN);
    }

    /// <summary>Bytes waiting in the ring.</summary>
    public long Waiting => _memory.Waiting;

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

        // A full fence lies between the state and this look; the programs do the same the other way round.
        if (!_idle || _memory.Waiting == 0)
        {
            int timeout = Math.Min(milliseconds, _idle ? SleepMilliseconds : DozeMilliseconds);
            Span<byte> events = stackalloc byte[2 * EpollEventSize];

            // -EINTR is a signal that came by; it means "nothing this time".
            LibC.epoll_wait(_epoll.Number, events, 2, timeout);
            DrainWake();
        }

        Volatile.Write(ref State, Busy);
    }

    /// <summary>Ends a wait from any thread, now or the next one. Does nothing once the reader is disposed.</summary>
    public void Wake()
    {
        ulong one = 1;
        try
        {
            LibC.write(_wake, one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The session ended on its own thread meanwhile: nobody waits any more.
            return;
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
        _controlPage.Dispose();
        _producerPages.Dispose();
        _consumerPage.Dispose();
    }

    private void DrainWake() => LibC.read(_wake.Number, out _, sizeof(ulong));

    private void Watch(int fd, uint events)
    {
        Span<byte> ev = stackalloc byte[EpollEventSize];
        ev.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(ev, events);
        LibBpfError.CheckLibC(LibC.epoll_ctl(_epoll.Number, LibC.EPOLL_CTL_ADD, fd, ev), "watch the ring");
    }
}
