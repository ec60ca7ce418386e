using System.Globalization;

namespace EbpfPs.KernelTests;

/// <summary>What the machine itself says about processes and cgroups, to compare events with.</summary>
internal static class Machine
{
    /// <summary>
    /// Whether the processor is emulated (tests/vm says so): some fifty times slower, so that a load is made of less. What
    /// a test asserts is the same.
    /// </summary>
    public static bool IsEmulated { get; } = Environment.GetEnvironmentVariable("EBPFPS_EMULATED") == "1";

    /// <summary>
    /// Whether the kernel may skip runs of tracepoint programs: in Linux 7 (seen in 7.3, not in 6.18) they can be preempted,
    /// and what is under way on a CPU is not run there a second time. Each skipped run is counted as Missed.
    /// </summary>
    public static bool MaySkipRuns { get; } = Environment.OSVersion.Version.Major >= 7;

    /// <summary>Whether the kernel counts the runs of classic tracepoints' programs that it skips: since Linux 6.7.</summary>
    public static bool CountsSkippedTracepoints { get; } = Environment.OSVersion.Version >= new Version(6, 7);

    /// <summary>Where the cgroup v2 hierarchy is mounted.</summary>
    public static string CgroupMount { get; } = File.ReadLines("/proc/self/mountinfo")
        .Select(line => line.Split(' '))
        .First(fields => fields[Array.IndexOf(fields, "-") + 1] == "cgroup2")[4];

    /// <summary>A process's name (comm).</summary>
    public static string NameOf(int processId) => File.ReadAllText($"/proc/{processId}/comm").TrimEnd('\n');

    /// <summary>The id of the cgroup that a process is in: its folder's inode number.</summary>
    public static ulong CgroupIdOf(int processId)
    {
        string path = File.ReadLines($"/proc/{processId}/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        return CgroupId(CgroupMount + path);
    }

    /// <summary>A cgroup's id.</summary>
    public static ulong CgroupId(string folder) =>
        ulong.Parse(Workload.Run("/usr/bin/stat", "-c", "%i", folder).Output, CultureInfo.InvariantCulture);

    /// <summary>The one child that a process has.</summary>
    public static int ChildOf(int processId) => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .Single(pid => pid > 0 && ParentOf(pid) == processId);

    /// <summary>Memory that a process has in RAM (VmRSS).</summary>
    public static long ResidentKibibytesOf(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The parent of a process; -1 where it has gone.</summary>
    public static int ParentOf(int processId)
    {
        try
        {
            string line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith("PPid:", StringComparison.Ordinal));
            return int.Parse(line.AsSpan(5).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return -1;
        }
    }
}
