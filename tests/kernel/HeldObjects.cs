using System.Globalization;

namespace EbpfPs.KernelTests;

/// <summary>What a process holds: its descriptors, and the kernel's programs, maps and links among them.</summary>
internal static class HeldObjects
{
    private static readonly string[] _ids = ["prog_id", "map_id", "link_id"];

    static HeldObjects()
    {
        // The runtime makes an epoll of its own for child processes' pipes: let it do so before anything is counted.
        Workload.Run("/bin/true");
    }

    /// <summary>All descriptors of this process, by what they refer to: <c>anon_inode:bpf-prog</c>, <c>pipe</c>, a path.</summary>
    public static SortedDictionary<string, int> Count()
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            // The descriptor that lists the folder is gone by now; the runtime opens assemblies, their symbols and its source of random
            // numbers, when it pleases.
            if (new FileInfo(path).LinkTarget is string target
                && target != "/dev/urandom"
                && !target.EndsWith("/fd", StringComparison.Ordinal)
                && !target.EndsWith(".dll", StringComparison.Ordinal)
                && !target.EndsWith(".pdb", StringComparison.Ordinal))
            {
                // Pipes and sockets have a number of their own.
                string kind = target.StartsWith("pipe:", StringComparison.Ordinal) || target.StartsWith("socket:", StringComparison.Ordinal)
                    ? target[..target.IndexOf(':', StringComparison.Ordinal)]
                    : target;
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
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
