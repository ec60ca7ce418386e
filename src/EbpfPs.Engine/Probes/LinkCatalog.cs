using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>The links of the whole system, and what is attached there without one.</summary>
public static class LinkCatalog
{
    private static readonly ObjectCatalog<SystemLink> _catalog = new(KernelObjectKind.Link, SystemLink.Of);

    /// <summary>
    /// All links that are in the kernel, by their numbers; then what is attached without one: by ip(8) and tc(8) at the devices of
    /// this network namespace, by BPF_PROG_ATTACH at the cgroups, socket maps and the namespace that this process sees, and at
    /// perf events that processes hold.
    /// </summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemLink> All()
    {
        SystemListing listing = new();
        List<SystemLink> links = [];
        foreach (SystemLink link in _catalog.List(listing))
        {
            links.Add(link);
            yield return link;
        }

        foreach (Attachment attachment in Attachments.Besides(links, listing))
        {
            yield return SystemLink.Of(attachment, listing);
        }
    }

    /// <summary>All links, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemLink> Quickly() => _catalog.List(new SystemListing(whole: false));

    /// <summary>A link by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemLink Find(int id, SystemListing listing) => _catalog.Find(id, listing);

    /// <summary>The link that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemLink Pinned(string path, SystemListing listing) => _catalog.Pinned(path, listing);
}
