using System.Globalization;
using System.Text;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>The processes that /proc shows, with their parents.</summary>
internal sealed class ProcessTree
{
    /// <summary>PF_EXITING of include/linux/sched.h.</summary>
    private const uint Exiting = 0x4;

    private readonly Dictionary<int, Entry> _processes = [];

    private sealed record Entry(int Parent, byte[] Name, uint UserId, string Cgroup);

    /// <summary>Reads /proc. Processes that come or go meanwhile may be missing.</summary>
    public static ProcessTree Read()
    {
        ProcessTree tree = new();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                continue;
            }

            try
            {
                tree._processes[pid] = ReadEntry(folder);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or is hidden from this user (hidepid): there is nothing to follow.
                continue;
            }
        }

        return tree;
    }

    /// <summary>The processes that a filter lets in, and all that descend from them.</summary>
    public IEnumerable<int> FamilyOf(ProcessFilter filter)
    {
        HashSet<int> family = LetInBy(filter).ToHashSet();
        bool grown = true;
        while (grown)
        {
            grown = false;
            foreach ((int pid, Entry entry) in _processes)
            {
                grown |= family.Contains(entry.Parent) && family.Add(pid);
            }
        }

        return family;
    }

    /// <summary>The processes that a filter lets in by themselves.</summary>
    public IEnumerable<int> LetInBy(ProcessFilter filter)
    {
        NameMatcher names = NameMatcher.Compile(filter.ProcessNames);
        string[] cgroups = filter.CgroupPaths.Select(Cgroups.PathInHierarchy).ToArray();
        return _processes
            .Where(process => Matches(filter, names, cgroups, process.Key, process.Value))
            .Select(process => process.Key);
    }

    /// <summary>A process's name (comm); empty where it was not there.</summary>
    public string NameOf(int pid) => _processes.TryGetValue(pid, out Entry? entry) ? KernelText.FromBytes(entry.Name) : "";

    /// <summary>
    /// Whether a process has gone, waits for its parent to ask for its end, or is about to: its last thread has begun to leave.
    /// </summary>
    public static bool HasEnded(int pid)
    {
        try
        {
            // proc_pid_stat(5): the name, in parentheses, may have anything in it; behind it comes the state.
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            uint flags = uint.Parse(fields[6], CultureInfo.InvariantCulture);
            int threads = int.Parse(fields[17], CultureInfo.InvariantCulture);
            return threads <= 1 && (fields[0] is "Z" or "X" || (flags & Exiting) != 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool Matches(ProcessFilter filter, NameMatcher names, string[] cgroups, int pid, Entry entry) =>
        (filter.ProcessIds.Count == 0 || filter.ProcessIds.Contains(pid))
        && (filter.UserIds.Count == 0 || filter.UserIds.Contains(entry.UserId))
        && (filter.ProcessNames.Count == 0 || names.Matches(entry.Name))
        && (cgroups.Length == 0 || cgroups.Any(path => IsWithin(entry.Cgroup, path)));

    private static bool IsWithin(string path, string ancestor) =>
        path == ancestor || ancestor == "/" || path.StartsWith(ancestor + "/", StringComparison.Ordinal);

    private static Entry ReadEntry(string folder)
    {
        int parent = 0;
        uint user = 0;
        foreach (string line in File.ReadLines(Path.Combine(folder, "status")))
        {
            if (line.StartsWith("PPid:", StringComparison.Ordinal))
            {
                parent = int.Parse(line.AsSpan(5).Trim(), CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("Uid:", StringComparison.Ordinal))
            {
                user = uint.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
            }
        }

        // status escapes the name; comm has it as it is, and more for kernel threads.
        byte[] name = File.ReadAllBytes(Path.Combine(folder, "comm"));
        string cgroup = File.ReadLines(Path.Combine(folder, "cgroup"))
            .FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal), "0::/")[3..];
        return new Entry(parent, CommFile.Comm(name).ToArray(), user, cgroup);
    }
}
