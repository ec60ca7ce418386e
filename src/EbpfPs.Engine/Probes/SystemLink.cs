using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Which program is attached where, by a link of the kernel's or without one. As it was when it was listed.</summary>
public sealed class SystemLink
{
    private SystemLink(int? id, Attachment attachment, SystemListing listing)
    {
        Id = id;
        Type = attachment.Type;
        ProgramId = attachment.ProgramId;
        ProgramName = ProgramId == 0 ? "" : ProgramNames.Of(ProgramId, listing);
        LinkTarget target = attachment.Target;
        AttachType = target.AttachType;
        Target = target.Text;
        Mode = attachment.Mode;
        InterfaceIndex = target.InterfaceIndex;
        CgroupId = target.CgroupId;
        NamespaceInode = target.NamespaceInode;
        MapId = target.MapId;
        Owner = id is int link ? listing.OwnersOf(KernelObjectKind.Link, link) : new(attachment.Owner);
        PinnedPath = id is int pinned ? listing.PathsOf(KernelObjectKind.Link, pinned) : new([]);
    }

    /// <summary>The kernel's number of the link; null where it is attached without one, and stays until it is taken away.</summary>
    public int? Id { get; }

    /// <summary>What kind of attachment it is.</summary>
    public BpfLinkType Type { get; }

    /// <summary>The number of the program; 0 where a link has none (struct_ops).</summary>
    public int ProgramId { get; }

    /// <summary>The program's name; empty where there is none.</summary>
    public string ProgramName { get; }

    /// <summary>At which hook of the target, for targets that have several; else null.</summary>
    public BpfAttachType? AttachType { get; }

    /// <summary>
    /// What it is attached to: a tracepoint, a function, a network device, a cgroup's path, a file and an offset. Empty
    /// where the kernel doesn't tell: of perf events, tracepoints of tracefs and probes before Linux 6.6, of XDP when the device has gone.
    /// </summary>
    public string Target { get; }

    /// <summary>
    /// How it is attached without a link, in the words of the tool that takes it away: of XDP driver, generic or offload, of tc
    /// the filter's place and name, of a cgroup multi or override. Empty for a link.
    /// </summary>
    public string Mode { get; }

    /// <summary>The network device's number; 0 for any other target.</summary>
    public int InterfaceIndex { get; }

    /// <summary>The cgroup's id; 0 for any other target.</summary>
    public ulong CgroupId { get; }

    /// <summary>The network namespace's inode; 0 for any other target.</summary>
    public long NamespaceInode { get; }

    /// <summary>The number of the map that it is attached to or goes over; 0 for any other target.</summary>
    public int MapId { get; }

    /// <summary>The processes that hold it open.</summary>
    public ObjectList<ObjectOwner> Owner { get; }

    /// <summary>The paths that it is pinned at.</summary>
    public ObjectList<string> PinnedPath { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{ProgramName} -> {Target}";

    /// <summary>A link that is open.</summary>
    internal static SystemLink Of(FileDescriptor link, SystemListing listing)
    {
        LibBpf.LinkInfo info = ObjectInfo.Link(link.Number, out byte[] name);
        LinkTarget target = LinkTarget.Of(info, KernelText.FromBytes(name), listing.Types);
        return new SystemLink((int)info.Id, new Attachment((BpfLinkType)info.Type, (int)info.ProgramId, target), listing);
    }

    /// <summary>What is attached without a link.</summary>
    internal static SystemLink Of(Attachment attachment, SystemListing listing) => new(null, attachment, listing);
}
