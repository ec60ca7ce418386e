using System.Globalization;
using System.Text.RegularExpressions;

namespace EbpfPs.Probes;

/// <summary>
/// Who works when this process writes to its terminal: the program that holds the other end of the pseudo-terminal (a
/// terminal emulator, sshd, tmux, script), and where that shows its text on another pseudo-terminal, whoever holds the
/// other end of that. Where syscalls of theirs are traced, an event that is shown makes new events.
/// </summary>
public static partial class TerminalProcesses
{
    /// <summary>What such programs call when there is something to show; see the sources of sshd, tmux and VTE.</summary>
    private static readonly string[] _calls =
    [
        "read", "readv", "write", "writev", "recvfrom", "recvmsg", "sendto", "sendmsg", "ioctl", "fcntl", "futex",
        "select", "pselect6", "pselect6_time64", "_newselect", "poll", "ppoll", "ppoll_time64",
        "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "rt_sigprocmask", "timerfd_settime", "clock_gettime",
    ];

    /// <summary>
    /// The processes behind this process's standard output whose syscalls a latency probe would trace, as
    /// <c>sshd (812)</c>; empty where there are none, or output does not go to a pseudo-terminal.
    /// </summary>
    /// <param name="options">What is to be traced.</param>
    public static IReadOnlyList<string> TracedBy(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Probes.Any(probe => probe is LatencyProbe)
            || (options.Syscalls.Count > 0 && !options.Syscalls.Intersect(_calls, StringComparer.OrdinalIgnoreCase).Any())
            || TerminalOf("/proc/self/fd/1") is not int terminal)
        {
            return [];
        }

        ProcessFilter filter = options.Filter;
        HashSet<int> behind = Behind(terminal);
        if (behind.Count == 0 && filter.ProcessIds.Count + filter.ProcessNames.Count + filter.UserIds.Count + filter.CgroupPaths.Count == 0)
        {
            // Outside of this container, where /proc doesn't show it and eBPF does.
            return [string.Create(CultureInfo.InvariantCulture, $"the program behind /dev/pts/{terminal}")];
        }

        if (filter.IncludeSelf)
        {
            behind.Add(Environment.ProcessId);
        }
        else
        {
            behind.Remove(Environment.ProcessId);
        }

        ProcessTree tree = ProcessTree.Read();
        return behind.Intersect(filter.IncludeChild ? tree.FamilyOf(filter) : tree.LetInBy(filter))
            .Order()
            .Select(pid => string.Create(CultureInfo.InvariantCulture, $"{tree.NameOf(pid)} ({pid})"))
            .ToArray();
    }

    private static HashSet<int> Behind(int terminal)
    {
        List<(int Pid, List<int> Masters, List<int> Slaves)> processes = ReadProcesses();
        HashSet<int> found = [];
        HashSet<int> seen = [terminal];
        Queue<int> waiting = new([terminal]);
        while (waiting.TryDequeue(out int next))
        {
            foreach ((int pid, List<int> masters, List<int> slaves) in processes.Where(process => process.Masters.Contains(next)))
            {
                found.Add(pid);
                foreach (int other in slaves.Where(seen.Add))
                {
                    waiting.Enqueue(other);
                }
            }
        }

        return found;
    }

    /// <summary>The processes that hold a pseudo-terminal's master, with the numbers of all that they hold.</summary>
    private static List<(int Pid, List<int> Masters, List<int> Slaves)> ReadProcesses()
    {
        List<(int Pid, List<int> Masters, List<int> Slaves)> processes = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                continue;
            }

            try
            {
                string[] descriptors = Directory.GetFiles(Path.Combine(folder, "fd"));
                List<int> masters = descriptors.Select(MasterOf).OfType<int>().ToList();
                if (masters.Count > 0)
                {
                    processes.Add((pid, masters, descriptors.Select(TerminalOf).OfType<int>().ToList()));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or is another user's: it can't be told to be behind the terminal.
                continue;
            }
        }

        return processes;
    }

    /// <summary>The number of the terminal that a descriptor is the master of: proc_pid_fdinfo(5) since Linux 4.14.</summary>
    private static int? MasterOf(string descriptor)
    {
        if (new FileInfo(descriptor).LinkTarget is not ("/dev/ptmx" or "/dev/pts/ptmx"))
        {
            return null;
        }

        string info = File.ReadAllText(descriptor.Replace("/fd/", "/fdinfo/", StringComparison.Ordinal));
        return IndexPattern().Match(info) is { Success: true } match ? Number(match) : null;
    }

    private static int? TerminalOf(string descriptor) =>
        SlavePattern().Match(new FileInfo(descriptor).LinkTarget ?? "") is { Success: true } match ? Number(match) : null;

    private static int Number(Match match) => int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^/dev/pts/(?<number>[0-9]{1,9})$", RegexOptions.CultureInvariant)]
    private static partial Regex SlavePattern();

    [GeneratedRegex(@"^tty-index:\s*(?<number>[0-9]{1,9})$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex IndexPattern();
}
