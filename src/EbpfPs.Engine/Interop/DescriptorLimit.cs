using System.Globalization;
using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>How many files a process may have open (RLIMIT_NOFILE): every program, map and link is one.</summary>
internal static class DescriptorLimit
{
    /// <summary>What to raise it to: sessions of all probes by the dozen fit.</summary>
    private const ulong Ample = 4096;

    /// <summary>Says what the limit is.</summary>
    public static string Cause => string.Create(CultureInfo.InvariantCulture, $"This process may have {Current} files open (RLIMIT_NOFILE).");

    /// <summary>Says how to raise it.</summary>
    public static string Hint
    {
        get
        {
            ulong more = Math.Max(Ample, Current * 4);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Stop other probes, or raise the limit: prlimit --pid {Environment.ProcessId} --nofile={more} for this process, ulimit -n {more} in the shell that starts the next.");
        }
    }

    private static ulong Current => LibC.getrlimit(LibC.RLIMIT_NOFILE, out LibC.ResourceLimit limit) == 0 ? limit.Current : 0;

    /// <summary>
    /// Makes sure that so many files can be opened now. libbpf asks the kernel for features as it goes and remembers a no
    /// for the life of the process, so that one which it got for want of a descriptor would outlast the want.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="attempted">What they are for, to follow "Could not".</param>
    /// <param name="target">The thing that fails without them.</param>
    /// <exception cref="EbpfException">The limit is too low.</exception>
    public static void Require(int count, string attempted, object? target)
    {
        int errno = TryOpen(count);
        if (errno != 0)
        {
            throw LibBpfError.Create(errno, attempted, target);
        }
    }

    /// <summary>Whether so many files can be opened now.</summary>
    public static bool Allows(int count) => TryOpen(count) == 0;

    private static int TryOpen(int count)
    {
        List<int> opened = new(count);
        int errno = 0;
        while (opened.Count < count && errno == 0)
        {
            int descriptor = LibC.eventfd(0, LibC.EFD_CLOEXEC);
            if (descriptor < 0)
            {
                errno = Marshal.GetLastPInvokeError();
            }
            else
            {
                opened.Add(descriptor);
            }
        }

        opened.ForEach(descriptor => LibC.close(descriptor));
        return errno;
    }
}
