using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Programs at perf events that processes hold: tracepoints of tracefs, functions of the kernel and of files. What other perf
/// events run the kernel doesn't tell (<c>bpf_get_perf_event_info</c> of kernel/trace/bpf_trace.c).
/// </summary>
internal static class PerfAttachments
{
    /// <summary>From <c>enum bpf_task_fd_type</c> to <c>enum bpf_perf_event_type</c> of links.</summary>
    private static readonly uint[] _kinds = [0, 5, 3, 4, 1, 2];

    /// <summary>All that are there besides the links, each once, however many descriptors it has.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static IEnumerable<Attachment> Besides(IReadOnlyCollection<SystemLink> links, SystemListing listing)
    {
        Dictionary<(int Program, string Target), SortedDictionary<int, ObjectOwner>> found = [];
        foreach ((ObjectOwner owner, int fd) in listing.PerfEvents)
        {
            // A raw tracepoint is a link itself.
            if (ProgramQuery.OfDescriptor(owner.ProcessId, fd) is not PerfAttachment at || at.Kind == 0 || at.Kind >= _kinds.Length)
            {
                continue;
            }

            string name = at.Name.Length == 0 ? $"0x{at.Address:x}" : KernelText.FromBytes(at.Name);
            (int, string) place = (at.ProgramId, LinkTarget.PerfTarget(_kinds[at.Kind], name, at.Offset));
            if (!found.TryGetValue(place, out SortedDictionary<int, ObjectOwner>? owners))
            {
                found[place] = owners = [];
            }

            owners[owner.ProcessId] = owner;
        }

        // Before Linux 6.6 a link doesn't tell its target.
        return found
            .Where(one => !links.Any(link => link.Type == BpfLinkType.PerfEvent && link.ProgramId == one.Key.Program && (link.Target.Length == 0 || link.Target == one.Key.Target)))
            .Select(one => new Attachment(BpfLinkType.PerfEvent, one.Key.Program, new LinkTarget(one.Key.Target)) { Owner = [.. one.Value.Values] });
    }
}
