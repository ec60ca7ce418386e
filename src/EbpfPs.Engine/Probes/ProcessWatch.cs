using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// Tells when processes have gone. It holds on to them by pidfd_open(2), so that another process with the same
/// number later is not taken for one of them. Used by one thread.
/// </summary>
internal sealed class ProcessWatch : IDisposable
{
    private readonly List<FileDescriptor> _alive = [];

    /// <summary>Those of the numbers that were no process (any more) at the start.</summary>
    public List<int> Missing { get; } = [];

    /// <summary>Whether none was there at the start.</summary>
    public bool IsEmpty => _alive.Count == 0;

    /// <summary>Takes hold of processes.</summary>
    /// <param name="pids">Their numbers, as this process's pid namespace has them.</param>
    /// <exception cref="EbpfException">Descriptors ran out, or the kernel refused.</exception>
    public static ProcessWatch Open(IEnumerable<int> pids)
    {
        ProcessWatch watch = new();
        try
        {
            foreach (int pid in pids.Distinct())
            {
                watch.Add(pid);
            }

            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Looks, without waiting, whether all have gone.</summary>
    public bool AllGone()
    {
        LibC.PollEntry[] entries = _alive.Select(fd => new LibC.PollEntry { Fd = fd.Number, Events = LibC.POLLIN }).ToArray();
        if (entries.Length > 0 && LibC.poll(ref entries[0], (nuint)entries.Length, 0) > 0)
        {
            for (int i = entries.Length - 1; i >= 0; i--)
            {
                // A pidfd is readable once its process has exited.
                if (entries[i].ReturnedEvents != 0)
                {
                    _alive[i].Dispose();
                    _alive.RemoveAt(i);
                }
            }
        }

        return _alive.Count == 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _alive.ForEach(fd => fd.Dispose());
        _alive.Clear();
    }

    private void Add(int pid)
    {
        nint fd = LibC.syscall(LibC.SYS_pidfd_open, pid, 0);
        if (fd >= 0)
        {
            _alive.Add(new FileDescriptor(fd, "watch a process"));
            return;
        }

        int errno = Marshal.GetLastPInvokeError();
        if (errno is not (LibBpfError.ESRCH or LibBpfError.EINVAL or LibBpfError.ENOENT))
        {
            throw LibBpfError.Create(errno, $"watch process {pid}", pid);
        }

        // Gone, or a thread that is not its process's first: EINVAL, since Linux 6.9 ENOENT.
        Missing.Add(pid);
    }
}
