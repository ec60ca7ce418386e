using System.Globalization;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A cgroup of its own with little memory, in whichever hierarchy has the memory controller.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;

    private MemoryGroup(string folder) => _folder = folder;

    /// <summary>What starts a program inside.</summary>
    public string[] Enter => ["/bin/sh", "-c", $"echo $$ >'{_folder}/cgroup.procs' && exec \"$0\" \"$@\""];

    /// <summary>Makes the group.</summary>
    /// <param name="bytes">The most memory that its processes may have, the kernel's on their behalf included.</param>
    public static MemoryGroup Create(long bytes)
    {
        string[][] mounts = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).ToArray();
        string? first = mounts.FirstOrDefault(fields => fields[^3] == "cgroup" && fields[^1].Split(',').Contains("memory"))?[4];
        string parent = first ?? Machine.CgroupMount;
        if (first is null)
        {
            File.WriteAllText(parent + "/cgroup.subtree_control", "+memory");
        }

        MemoryGroup group = new(Path.Combine(parent, $"ebpfps-test-{Environment.ProcessId}"));
        Directory.CreateDirectory(group._folder);
        string limit = Path.Combine(group._folder, first is null ? "memory.max" : "memory.limit_in_bytes");
        File.WriteAllText(limit, bytes.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(bytes.ToString(CultureInfo.InvariantCulture), File.ReadAllText(limit).Trim());
        return group;
    }

    public void Dispose() => Directory.Delete(_folder);
}
