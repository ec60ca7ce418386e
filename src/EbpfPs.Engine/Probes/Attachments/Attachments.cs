using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Attachments that are no links of the kernel's: what ip(8), tc(8), BPF_PROG_ATTACH and PERF_EVENT_IOC_SET_BPF made. There is
/// no list of them; each place where a program can be is asked.
/// </summary>
internal static class Attachments
{
    /// <summary>All that are there besides the links.</summary>
    /// <param name="links">All links: what is attached by one is told of at its place too.</param>
    /// <param name="listing">Who holds what.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static IEnumerable<Attachment> Besides(IReadOnlyCollection<SystemLink> links, SystemListing listing)
    {
        Dictionary<object, int> linked = [];
        foreach (SystemLink link in links)
        {
            object place = Place(link.Type, link.ProgramId, link.AttachType, link.InterfaceIndex, link.CgroupId, link.NamespaceInode, link.MapId);
            linked[place] = linked.GetValueOrDefault(place) + 1;
        }

        foreach (Attachment found in NetworkAttachments.All().Concat(HookAttachments.All()).Concat(CgroupAttachments.All()))
        {
            // One program can be at one place both ways: only as many as there are links are theirs.
            LinkTarget at = found.Target;
            object place = Place(found.Type, found.ProgramId, at.AttachType, at.InterfaceIndex, at.CgroupId, at.NamespaceInode, at.MapId);
            if (linked.GetValueOrDefault(place) is > 0 and int left)
            {
                linked[place] = left - 1;
            }
            else
            {
                yield return found;
            }
        }

        foreach (Attachment found in PerfAttachments.Besides(links, listing))
        {
            yield return found;
        }
    }

    private static object Place(BpfLinkType type, int program, BpfAttachType? hook, int device, ulong cgroup, long network, int map) =>
        (type, program, hook, device, cgroup, network, map);
}
