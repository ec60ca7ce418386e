using System.Globalization;

namespace EbpfPs.KernelTests;

/// <summary>What eBPF leaves in a process's descriptors: programs, maps, links, and what a reader waits with.</summary>
internal static class HeldObjects
{
    private static readonly string[] _ids = ["prog_id", "map_id", "link_id"];

    static HeldObjects()
    {
        // The runtime makes an epoll of its own for child processes' pipes: let it do so before anything is counted.
        Workload.Run("/bin/true");
    }

    /// <summary>Descriptors of this process by kind, such as <c>anon_inode:bpf-prog</c>.</summary>
    public static SortedDictionary<string, int> Count()
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string? target = new FileInfo(path).LinkTarget;
            if (target is not null && (target.StartsWith("anon_inode:", StringComparison.Ordinal) || target.Contains("/cgroup", StringComparison.Ordinal)))
            {
                counts[target] = counts.GetValueOrDefault(target) + 1;
            }
        }

        return counts;
    }

    /// <summary>The kernel's ids of a process's programs, maps and links, as <c>prog_id 7</c>.</summary>
    public static IReadOnlyList<string> IdsOf(int processId)
    {
        List<string> found = [];
        foreach (string path in Directory.EnumerateFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fdinfo")))
        {
            string[] lines;
            try
            {
                lines = File.ReadAllLines(path);
            }
            catch (FileNotFoundException)
            {
                // Closed between the listing and the look: not held.
                continue;
            }

            found.AddRange(lines
                .Select(line => line.Split(':', StringSplitOptions.TrimEntries))
                .Where(parts => parts.Length == 2 && _ids.Contains(parts[0]))
                .Select(parts => $"{parts[0]} {parts[1]}"));
        }

        return found.Distinct().ToArray();
    }
}
