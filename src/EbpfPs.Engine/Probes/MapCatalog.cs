using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The maps of the whole system.</summary>
public static class MapCatalog
{
    /// <summary>All maps that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemMap> All() => List(new SystemListing());

    /// <summary>All of them, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemMap> Quickly() => List(new SystemListing(whole: false));

    /// <summary>Maps by their numbers.</summary>
    /// <exception cref="EbpfException">One of them is not there, when it is its turn; or the kernel refused.</exception>
    internal static SystemMap Find(int id, SystemListing listing)
    {
        using OpenedMap map = OpenedMap.ById(id);
        return new SystemMap(map, listing);
    }

    /// <summary>The map that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemMap Pinned(string path, SystemListing listing)
    {
        using OpenedMap map = OpenedMap.Of(Pins.Open(path, KernelObjectKind.Map), $"what is pinned at {path}");
        return new SystemMap(map, listing);
    }

    private static IEnumerable<SystemMap> List(SystemListing listing)
    {
        foreach (int id in KernelObjects.Ids(KernelObjectKind.Map))
        {
            if (KernelObjects.TryOpen(KernelObjectKind.Map, id) is FileDescriptor descriptor)
            {
                SystemMap found;
                using (OpenedMap map = OpenedMap.Of(descriptor, $"map {id}"))
                {
                    found = new SystemMap(map, listing);
                }

                yield return found;
            }
        }
    }
}
