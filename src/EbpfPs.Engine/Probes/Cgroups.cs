using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The cgroup hierarchies of this machine, cgroups(7): where they are mounted, and which path an id has.</summary>
internal static class Cgroups
{
    private static readonly Lazy<CgroupMounts> _mounts = new(() => CgroupMounts.Parse(File.ReadLines("/proc/self/mountinfo")));
    private static readonly Lazy<CgroupTree?> _unified = new(() => _mounts.Value.Unified is CgroupMount mount ? new CgroupTree(mount) : null);
    private static readonly Lazy<CgroupTree?> _legacy = new(() => _mounts.Value.Legacy is CgroupMount mount ? new CgroupTree(mount) : null);

    /// <summary>Where the cgroup v2 hierarchy is mounted; null where it is not.</summary>
    public static string? MountPoint => _mounts.Value.Unified?.Point;

    /// <summary>The controller whose cgroup v1 hierarchy programs look at: <c>enum legacy_controller</c>; 0 where all are in v2.</summary>
    public static uint LegacyController => _mounts.Value.Controller;

    /// <summary>Opens a cgroup's folder.</summary>
    /// <param name="path">A path as /proc/PID/cgroup has it, or a full one.</param>
    /// <exception cref="EbpfException">There is no such cgroup in the cgroup v2 hierarchy.</exception>
    public static FileDescriptor Open(string path)
    {
        string folder = FolderOf(Mount, path);
        if (Directory.Exists(folder))
        {
            return new FileDescriptor(LibC.open(folder, LibC.O_DIRECTORY | LibC.O_CLOEXEC), $"open cgroup '{path}'");
        }

        bool isLegacy = path.StartsWith('/') && Directory.Exists(path) && CgroupTree.IdOf(path) is not null;
        throw new EbpfException(
            EbpfErrorId.NotFound,
            isLegacy ? $"'{path}' is not in the cgroup v2 hierarchy, by which processes are chosen." : $"There is no cgroup '{path}'.",
            $"Give a path below {Mount.Point}, such as /system.slice/ssh.service; systemd-cgls shows them.",
            target: path);
    }

    /// <summary>The folder of a cgroup v2.</summary>
    /// <param name="path">A path as /proc/PID/cgroup has it, or a full one.</param>
    public static string FolderOf(string path) => FolderOf(Mount, path);

    /// <summary>A cgroup's path as /proc/PID/cgroup has it.</summary>
    public static string PathInHierarchy(string path) => PathIn(Mount, path);

    /// <summary>The path of the cgroup v2 with an id; empty when it is gone or may not be looked up.</summary>
    public static string PathOf(ulong id) => _unified.Value?.PathOf(id) ?? "";

    /// <summary>The same in the cgroup v1 hierarchy of <see cref="LegacyController"/>.</summary>
    public static string LegacyPathOf(ulong id) => _legacy.Value?.PathOf(id) ?? "";

    /// <summary>A path as /proc/PID/cgroup has it, of one like that or of a folder.</summary>
    internal static string PathIn(CgroupMount mount, string path)
    {
        string rest = IsWithin(path, mount.Point) ? mount.Root.TrimEnd('/') + path[mount.Point.Length..] : path;
        return "/" + rest.Trim('/');
    }

    /// <summary>The folder of a cgroup.</summary>
    internal static string FolderOf(CgroupMount mount, string path)
    {
        string inside = PathIn(mount, path);
        return mount.Point + (mount.Root != "/" && IsWithin(inside, mount.Root) ? inside[mount.Root.Length..] : inside);
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static CgroupMount Mount => _mounts.Value.Unified
        ?? throw new EbpfException(
            EbpfErrorId.NotSupported,
            "No cgroup v2 hierarchy is mounted, so processes can't be chosen by cgroup.",
            "mount -t cgroup2 none /sys/fs/cgroup, or boot with systemd.unified_cgroup_hierarchy=1.");
}
