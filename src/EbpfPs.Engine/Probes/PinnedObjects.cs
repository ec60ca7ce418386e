using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Where programs, maps and links are pinned: every BPF file system that is mounted here is walked.</summary>
internal sealed class PinnedObjects
{
    private static readonly EnumerationOptions _all = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    private readonly Dictionary<(KernelObjectKind Kind, int Id), List<string>> _paths = [];

    /// <summary>Looks.</summary>
    public PinnedObjects()
    {
        foreach (string mount in MountTable.FindAll("bpf"))
        {
            foreach (string path in Directory.EnumerateFiles(mount, "*", _all).Order(StringComparer.Ordinal))
            {
                if (Identify(path) is (KernelObjectKind, int) found)
                {
                    if (!_paths.TryGetValue(found, out List<string>? paths))
                    {
                        _paths[found] = paths = [];
                    }

                    paths.Add(path);
                }
            }
        }
    }

    /// <summary>The paths that an object is pinned at.</summary>
    public ObjectList<string> Of(KernelObjectKind kind, int id) =>
        _paths.TryGetValue((kind, id), out List<string>? paths) ? new(paths) : new([]);

    /// <summary>All pins.</summary>
    public IEnumerable<Pin> All() => _paths
        .SelectMany(one => one.Value.Select(path => new Pin(path, Pins.KindOf(one.Key.Kind), one.Key.Id)))
        .OrderBy(pin => pin.Path, StringComparer.Ordinal);

    private static (KernelObjectKind Kind, int Id)? Identify(string path)
    {
        int fd = LibBpf.bpf_obj_get(path);
        if (fd < 0)
        {
            // Files that only tell something, such as maps.debug, and what this user may not open.
            return null;
        }

        using FileDescriptor descriptor = new(fd, "");
        return ObjectHolders.Identify("self", fd);
    }
}
