using System.Buffers.Binary;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>Sleeps on epoll until one of some descriptors is signalled, or until another thread ends the wait.</summary>
internal sealed class Waiter : IDisposable
{
    /// <summary>epoll_event is packed on x86-64 and padded elsewhere; 16 bytes hold either.</summary>
    private const int EpollEventSize = 16;

    private const int MostEvents = 16;

    private readonly FileDescriptor _epoll = new(LibC.epoll_create1(LibC.EPOLL_CLOEXEC), "create an epoll");
    private readonly FileDescriptor _wake;

    public Waiter()
    {
        try
        {
            _wake = new FileDescriptor(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "create an eventfd");
            Add(_wake.Number, LibC.EPOLLIN);
        }
        catch
        {
            // Not only when it is finalized.
            _epoll.Dispose();
            _wake?.Dispose();
            throw;
        }
    }

    /// <summary>Wakes up each time that something new comes to a descriptor, and not for what is there already.</summary>
    public void Watch(int fd) => Add(fd, LibC.EPOLLIN | LibC.EPOLLET);

    /// <summary>Waits.</summary>
    /// <param name="milliseconds">The longest wait.</param>
    public void Wait(int milliseconds)
    {
        Span<byte> events = stackalloc byte[MostEvents * EpollEventSize];

        // -EINTR is a signal that came by; it means "nothing this time".
        LibC.epoll_wait(_epoll.Number, events, MostEvents, milliseconds);
        LibC.read(_wake.Number, out _, sizeof(ulong));
    }

    /// <summary>Sleeps through whatever comes; only another thread's <see cref="Wake"/> ends it earlier.</summary>
    public void Nap(int milliseconds)
    {
        LibC.PollEntry entry = new() { Fd = _wake.Number, Events = LibC.POLLIN };
        LibC.poll(ref entry, 1, milliseconds);
        LibC.read(_wake.Number, out _, sizeof(ulong));
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Add(int fd, uint events)
    {
        Span<byte> ev = stackalloc byte[EpollEventSize];
        ev.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(ev, events);
        LibBpfError.CheckLibC(LibC.epoll_ctl(_epoll.Number, LibC.EPOLL_CTL_ADD, fd, ev), "watch for records");
    }
}
