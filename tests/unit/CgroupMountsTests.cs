using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Which cgroup hierarchies a process sees: lines of /proc/self/mountinfo from hosts and containers of each kind.</summary>
public sealed class CgroupMountsTests
{
    private const string Id = "4f2a9c0b7d1e8f3a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a";

    private const string Root = "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw";

    private static readonly Dictionary<string, string[]> _machines = new()
    {
        ["v2 alone"] =
        [
            Root,
            "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot",
        ],
        ["hybrid, by systemd"] =
        [
            Root,
            "34 24 0:29 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755",
            "35 34 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
            "36 34 0:31 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,name=systemd",
            "40 34 0:35 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:14 - cgroup cgroup rw,cpu,cpuacct",
            "41 34 0:36 / /sys/fs/cgroup/pids rw,nosuid shared:15 - cgroup cgroup rw,pids",
            "42 34 0:37 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory",
        ],
        ["v1 alone"] =
        [
            "36 34 0:31 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,name=systemd",
            "40 34 0:35 / /sys/fs/cgroup/devices rw,nosuid shared:14 - cgroup cgroup rw,devices",
            "41 34 0:36 / /sys/fs/cgroup/pids rw,nosuid shared:15 - cgroup cgroup rw,pids",
        ],
        ["v1, memory in v2"] =
        [
            "35 34 0:30 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw",
            "40 34 0:35 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct",
            "41 34 0:36 / /sys/fs/cgroup/freezer rw,nosuid - cgroup cgroup rw,freezer",
        ],
        ["no controller's hierarchy"] = ["36 34 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd"],
        ["none"] = [Root],
        ["in a container on v1, cgroup namespace of the host"] =
        [
            $"612 600 0:37 /docker/{Id} /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,memory",
        ],
        ["in a container on v2, namespaces of its own"] =
        [
            "601 600 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate",
        ],
        ["in a container, the host's mount beside it"] =
        [
            "601 600 0:30 /../.. /host/sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw",
            "602 600 0:30 / /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw",
        ],
        ["in a container, its own over the host's"] =
        [
            "601 600 0:30 /../.. /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw",
            "602 601 0:30 / /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw",
        ],
        ["a place with a space in it"] = [@"35 24 0:30 / /mnt/c\040groups rw - cgroup2 cgroup2 rw"],
    };

    [Theory]
    [InlineData("v2 alone", "/sys/fs/cgroup", "/", 0, null, null)]
    [InlineData("hybrid, by systemd", "/sys/fs/cgroup/unified", "/", 1, "/sys/fs/cgroup/memory", "/")]
    [InlineData("v1 alone", null, null, 2, "/sys/fs/cgroup/pids", "/")]
    [InlineData("v1, memory in v2", "/sys/fs/cgroup/unified", "/", 4, "/sys/fs/cgroup/freezer", "/")]
    [InlineData("no controller's hierarchy", null, null, 0, null, null)]
    [InlineData("none", null, null, 0, null, null)]
    [InlineData("in a container on v1, cgroup namespace of the host", null, null, 1, "/sys/fs/cgroup/memory", "/docker/" + Id)]
    [InlineData("in a container on v2, namespaces of its own", "/sys/fs/cgroup", "/", 0, null, null)]
    [InlineData("in a container, the host's mount beside it", "/sys/fs/cgroup", "/", 0, null, null)]
    [InlineData("in a container, its own over the host's", "/sys/fs/cgroup", "/", 0, null, null)]
    [InlineData("a place with a space in it", "/mnt/c groups", "/", 0, null, null)]
    public void TheHierarchiesOfEachKindOfMachine(string machine, string? unified, string? unifiedRoot, uint controller, string? legacy, string? legacyRoot)
    {
        CgroupMounts mounts = CgroupMounts.Parse(_machines[machine]);

        Assert.Equal((machine, unified, unifiedRoot), (machine, mounts.Unified?.Point, mounts.Unified?.Root));
        Assert.Equal((machine, controller, legacy, legacyRoot), (machine, mounts.Controller, mounts.Legacy?.Point, mounts.Legacy?.Root));
    }

    /// <summary>A path as users give it, as /proc/PID/cgroup has it, and the folder where it is.</summary>
    [Theory]
    [InlineData("/", "/system.slice/ssh.service", "/system.slice/ssh.service", "/system.slice/ssh.service")]
    [InlineData("/", "system.slice/", "/system.slice", "/system.slice")]
    [InlineData("/", "/", "/", "/")]
    [InlineData("/", "/sys/fs/cgroup", "/", "/")]
    [InlineData("/", "/sys/fs/cgroup/a/b/", "/a/b", "/a/b")]
    [InlineData("/", "/sys/fs/cgroups", "/sys/fs/cgroups", "/sys/fs/cgroups")]
    [InlineData("/docker/x", "/docker/x/a", "/docker/x/a", "/a")]
    [InlineData("/docker/x", "/docker/x", "/docker/x", "")]
    [InlineData("/docker/x", "/sys/fs/cgroup/a", "/docker/x/a", "/a")]
    [InlineData("/docker/x", "/docker/xy", "/docker/xy", "/docker/xy")]
    [InlineData("/..", "/../other", "/../other", "/other")]
    public void PathsAndFolders(string root, string given, string path, string folder)
    {
        CgroupMount mount = new("/sys/fs/cgroup", root);

        Assert.Equal((given, path, "/sys/fs/cgroup" + folder), (given, Cgroups.PathIn(mount, given), Cgroups.FolderOf(mount, given)));
    }
}
