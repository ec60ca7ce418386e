using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The kernel's file systems that tracing uses.</summary>
internal static class MountFeatures
{
    private const string BpfMountPoint = "/sys/fs/bpf";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeatureProbe> All { get; } =
    [
        new("tracefs", KernelFeatureCategory.System, "4.1", "The files that classic tracepoints and probes attach through.", Tracefs),
        new("bpffs", KernelFeatureCategory.System, "4.4", "The files that keep pinned programs and maps.", Bpffs),
        new("cgroup2", KernelFeatureCategory.System, "4.5", "The cgroup v2 hierarchy, by which processes and containers are chosen.", Cgroup),
    ];

    private static Finding Tracefs()
    {
        if (KernelSupport.Tracefs is string folder)
        {
            return Finding.Yes(folder);
        }

        if (KernelSupport.CanMountTracefs)
        {
            return Finding.Yes("not mounted; the first probe that starts mounts it at /sys/kernel/tracing");
        }

        if (PrivilegeAdvice.ForLockdown() is PrivilegeAdvice locked)
        {
            return Finding.No(locked.Cause, locked.Remedy);
        }

        return MountTable.Find("tracefs") is string mounted
            ? Finding.No(
                $"It is mounted at {mounted}, but this user may not read it.",
                "None is needed to trace: the built-in probes then use raw tracepoints. Root may read it.")
            : Finding.No(
                "It is not mounted.",
                MountTable.Knows("tracefs")
                    ? "As root: mount -t tracefs tracefs /sys/kernel/tracing"
                    : "Use a kernel built with CONFIG_FTRACE=y.");
    }

    private static Finding Bpffs()
    {
        if (MountTable.Find("bpf") is not string folder)
        {
            return Finding.No("It is not mounted.", $"As root: mount -t bpf bpf {BpfMountPoint}");
        }

        return LibC.access(folder, LibC.W_OK) == 0
            ? Finding.Yes(folder)
            : Finding.No($"It is mounted at {folder}, but this user may not write there.", "Only pinning needs it. Run as root, or mount one for the user: mount -t bpf -o uid=UID bpf FOLDER");
    }

    private static Finding Cgroup() => MountTable.Find("cgroup2") is string folder
        ? Finding.Yes(folder)
        : Finding.No(
            "No cgroup v2 hierarchy is mounted.",
            "Boot with systemd.unified_cgroup_hierarchy=1, or as root: mount -t cgroup2 none FOLDER. Only -CgroupPath and -ContainerId need it.");
}
