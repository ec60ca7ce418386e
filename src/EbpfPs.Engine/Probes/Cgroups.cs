using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The cgroup v2 hierarchy, cgroups(7): where it is mounted, and which path an id has.</summary>
internal static class Cgroups
{
    /// <summary>FILEID_KERNFS of include/linux/exportfs.h: a handle that is a cgroup's id.</summary>
    private const int KernfsHandle = 0xfe;

    private static readonly Lazy<string?> _mount = new(() => MountTable.Find("cgroup2"));

    /// <summary>Where the hierarchy is mounted; null where it is not.</summary>
    public static string? MountPoint => _mount.Value;

    /// <summary>Opens a cgroup's folder.</summary>
    /// <param name="path">A path from the hierarchy's root, or a full one.</param>
    /// <exception cref="EbpfException">There is no such cgroup.</exception>
    public static FileDescriptor Open(string path)
    {
        string folder = Mount + PathInHierarchy(path);
        if (!Directory.Exists(folder))
        {
            throw new EbpfException(
                EbpfErrorId.NotFound,
                $"There is no cgroup '{path}'.",
                $"Give a path below {Mount}, such as /system.slice/ssh.service; systemd-cgls shows them.",
                target: path);
        }

        return new FileDescriptor(LibC.open(folder, LibC.O_DIRECTORY | LibC.O_CLOEXEC), $"open cgroup '{path}'");
    }

    /// <summary>A cgroup's path from the hierarchy's root, as /proc/PID/cgroup has it.</summary>
    public static string PathInHierarchy(string path)
    {
        string rest = path.StartsWith(Mount + "/", StringComparison.Ordinal) || path == Mount ? path[Mount.Length..] : path;
        return "/" + rest.Trim('/');
    }

    /// <summary>The path of the cgroup with an id; empty when it is gone or may not be looked up.</summary>
    public static string PathOf(ulong id)
    {
        if (_mount.Value is null)
        {
            return "";
        }

        // struct file_handle: its length, its type, then the id itself.
        Span<byte> handle = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(handle, 8);
        BinaryPrimitives.WriteInt32LittleEndian(handle[4..], KernfsHandle);
        BinaryPrimitives.WriteUInt64LittleEndian(handle[8..], id);
        int mount = LibC.open(_mount.Value, LibC.O_DIRECTORY | LibC.O_CLOEXEC);
        int cgroup = mount < 0 ? -1 : LibC.open_by_handle_at(mount, handle, LibC.O_PATH | LibC.O_CLOEXEC);
        try
        {
            string? path = cgroup < 0 ? null : new FileInfo($"/proc/self/fd/{cgroup}").LinkTarget;
            return path is null || path.EndsWith(" (deleted)", StringComparison.Ordinal) ? "" : PathInHierarchy(path);
        }
        finally
        {
            Close(cgroup);
            Close(mount);
        }
    }

    private static string Mount => _mount.Value
        ?? throw new EbpfException(
            EbpfErrorId.NotSupported,
            "No cgroup v2 hierarchy is mounted, so processes can't be chosen by cgroup.",
            "mount -t cgroup2 none /sys/fs/cgroup, or boot with systemd.unified_cgroup_hierarchy=1.");

    private static void Close(int fd)
    {
        if (fd >= 0)
        {
            LibC.close(fd);
        }
    }
}
