using System.Buffers.Binary;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>From a cgroup's id to its path, by handles as name_to_handle_at(2) and open_by_handle_at(2) have them.</summary>
/// <param name="mount">A mount of the hierarchy.</param>
/// <remarks>
/// A handle opens the cgroup at once, even one that the mount doesn't show, but that takes CAP_DAC_READ_SEARCH.
/// Without it the tree that the mount shows is searched.
/// </remarks>
internal sealed class CgroupTree(CgroupMount mount)
{
    /// <summary>FILEID_KERNFS of include/linux/exportfs.h: a handle that is a cgroup's id.</summary>
    private const int KernfsHandle = 0xfe;

    /// <summary>The id of every hierarchy's root, above all namespaces: kernfs numbers from 1.</summary>
    private const ulong RootId = 1;

    private const long SearchAgainAfterMs = 1000;

    private readonly object _lock = new();
    private readonly Dictionary<ulong, string> _found = [];
    private string? _above;
    private long _searched = long.MinValue / 2;

    /// <summary>The path, from the hierarchy's real root where that can be seen; empty when the cgroup is gone or out of sight.</summary>
    public string PathOf(ulong id)
    {
        int cgroup = Open(id, out bool refused);
        if (cgroup < 0)
        {
            return refused ? Search(id, mount.Point) : "";
        }

        string path = new FileInfo($"/proc/self/fd/{cgroup}").LinkTarget ?? "";
        LibC.close(cgroup);
        if (path.EndsWith(" (deleted)", StringComparison.Ordinal))
        {
            return "";
        }

        // What is not below the mounted cgroup has no path here: the kernel says "/".
        bool below = path == mount.Point || path.StartsWith(mount.Point + "/", StringComparison.Ordinal);
        return !below ? SearchFromRoot(id) : Above() + path[mount.Point.Length..] is { Length: > 0 } whole ? whole : "/";
    }

    /// <summary>The id of a cgroup's folder; null where it can't be had.</summary>
    internal static ulong? IdOf(string folder)
    {
        Span<byte> handle = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(handle, 8);
        return LibC.name_to_handle_at(LibC.AT_FDCWD, folder, handle, out _, 0) == 0 && BinaryPrimitives.ReadInt32LittleEndian(handle[4..]) == KernfsHandle
            ? BinaryPrimitives.ReadUInt64LittleEndian(handle[8..])
            : null;
    }

    /// <summary>
    /// The path of the mounted cgroup from the real root, without a slash at the end. In a cgroup namespace the mount says
    /// it is the root; a container's own id is then in the names above.
    /// </summary>
    private string Above()
    {
        _above ??= IdOf(mount.Point) is ulong own && own != RootId ? SearchFromRoot(own) : "";
        return _above;
    }

    private string SearchFromRoot(ulong id)
    {
        int root = Open(RootId, out _);
        if (root < 0)
        {
            return "";
        }

        try
        {
            // Through the descriptor, since no path leads there; the dot makes it a folder and no link.
            return Search(id, $"/proc/self/fd/{root}/.");
        }
        finally
        {
            LibC.close(root);
        }
    }

    private string Search(ulong id, string top)
    {
        lock (_lock)
        {
            if (!_found.ContainsKey(id) && Environment.TickCount64 - _searched > SearchAgainAfterMs)
            {
                _found.Clear();
                foreach (string folder in Folders(top).Append(top))
                {
                    if (IdOf(folder) is ulong one)
                    {
                        _found[one] = folder[top.Length..];
                    }
                }

                _searched = Environment.TickCount64;
            }

            return _found.GetValueOrDefault(id, "");
        }
    }

    /// <summary>All folders below one.</summary>
    internal static IEnumerable<string> Folders(string top) => Directory.EnumerateDirectories(
        top, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 });

    private int Open(ulong id, out bool refused)
    {
        refused = false;
        int point = LibC.open(mount.Point, LibC.O_DIRECTORY | LibC.O_CLOEXEC);
        if (point < 0)
        {
            return -1;
        }

        // struct file_handle: its length, its type, then the id itself.
        Span<byte> handle = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(handle, 8);
        BinaryPrimitives.WriteInt32LittleEndian(handle[4..], KernfsHandle);
        BinaryPrimitives.WriteUInt64LittleEndian(handle[8..], id);
        int cgroup = LibC.open_by_handle_at(point, handle, LibC.O_PATH | LibC.O_CLOEXEC);
        refused = cgroup < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == LibBpfError.EPERM;
        LibC.close(point);
        return cgroup;
    }
}
