using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The maps of the whole system.</summary>
public static class MapCatalog
{
    private static readonly ObjectCatalog<SystemMap> _catalog = new(KernelObjectKind.Map, Describe);

    /// <summary>All maps that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemMap> All() => _catalog.List(new SystemListing());

    /// <summary>All of them, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemMap> Quickly() => _catalog.List(new SystemListing(whole: false));

    /// <summary>A map by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemMap Find(int id, SystemListing listing) => _catalog.Find(id, listing);

    /// <summary>The map that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemMap Pinned(string path, SystemListing listing) => _catalog.Pinned(path, listing);

    private static SystemMap Describe(FileDescriptor descriptor, SystemListing listing)
    {
        using OpenedMap map = new(descriptor, "a map");
        return new SystemMap(map, listing);
    }
}
