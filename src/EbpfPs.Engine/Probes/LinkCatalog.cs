using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The links of the whole system.</summary>
public static class LinkCatalog
{
    /// <summary>All links that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemLink> All() => List(new SystemListing());

    /// <summary>All of them, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemLink> Quickly() => List(new SystemListing(whole: false));

    /// <summary>A link by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemLink Find(int id, SystemListing listing)
    {
        using FileDescriptor link = KernelObjects.Open(KernelObjectKind.Link, id);
        return new SystemLink(link, listing);
    }

    /// <summary>The link that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemLink Pinned(string path, SystemListing listing)
    {
        using FileDescriptor link = Pins.Open(path, KernelObjectKind.Link);
        return new SystemLink(link, listing);
    }

    private static IEnumerable<SystemLink> List(SystemListing listing)
    {
        foreach (int id in KernelObjects.Ids(KernelObjectKind.Link))
        {
            SystemLink? found;
            using (FileDescriptor? link = KernelObjects.TryOpen(KernelObjectKind.Link, id))
            {
                found = link is null ? null : new SystemLink(link, listing);
            }

            if (found is not null)
            {
                yield return found;
            }
        }
    }
}
