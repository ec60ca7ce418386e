using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Programs at the hooks of this network namespace and of socket maps, by BPF_PROG_QUERY.</summary>
internal static class HookAttachments
{
    private static readonly BpfAttachType[] _sockets =
        [BpfAttachType.SkSkbStreamParser, BpfAttachType.SkSkbStreamVerdict, BpfAttachType.SkSkbVerdict, BpfAttachType.SkMsgVerdict];

    /// <summary>All of them, those with links too.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static IEnumerable<Attachment> All() => OfNamespace().Concat(OfSocketMaps());

    private static IEnumerable<Attachment> OfNamespace()
    {
        const string Own = "/proc/thread-self/ns/net";
        string name = new FileInfo(Own).LinkTarget ?? "";
        using FileDescriptor space = new(LibC.open(Own, LibC.O_CLOEXEC), "open the network namespace");
        foreach (uint program in ProgramQuery.Programs(space.Number, BpfAttachType.FlowDissector, out _) ?? [])
        {
            yield return new Attachment(BpfLinkType.Netns, (int)program, new LinkTarget(name, BpfAttachType.FlowDissector)
            {
                NamespaceInode = uint.Parse(name.AsSpan("net:[".Length).TrimEnd(']'), CultureInfo.InvariantCulture),
            });
        }
    }

    private static IEnumerable<Attachment> OfSocketMaps()
    {
        foreach (int id in KernelObjects.Ids(KernelObjectKind.Map))
        {
            using FileDescriptor? map = KernelObjects.TryOpen(KernelObjectKind.Map, id);
            if (map is null || (BpfMapType)ObjectInfo.Map(map.Number, $"map {id}").Type is not (BpfMapType.SockMap or BpfMapType.SockHash))
            {
                continue;
            }

            foreach (BpfAttachType hook in _sockets)
            {
                foreach (uint program in ProgramQuery.Programs(map.Number, hook, out _) ?? [])
                {
                    yield return new Attachment(BpfLinkType.Sockmap, (int)program, new LinkTarget("", hook) { MapId = id });
                }
            }
        }
    }
}
