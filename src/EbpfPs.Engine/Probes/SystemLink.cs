using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>A link in the kernel: which program is attached where. As it was when it was listed.</summary>
public sealed class SystemLink
{
    internal SystemLink(FileDescriptor link, SystemListing listing)
    {
        LibBpf.LinkInfo info = ObjectInfo.Link(link.Number, out byte[] name);
        Id = (int)info.Id;
        Type = (BpfLinkType)info.Type;
        ProgramId = (int)info.ProgramId;
        ProgramName = ProgramId == 0 ? "" : ProgramNames.Of(ProgramId, listing);
        LinkTarget target = LinkTarget.Of(info, KernelText.FromBytes(name), listing.Types);
        AttachType = target.AttachType;
        Target = target.Text;
        InterfaceIndex = target.InterfaceIndex;
        CgroupId = target.CgroupId;
        NamespaceInode = target.NamespaceInode;
        MapId = target.MapId;
        Owner = listing.OwnersOf(KernelObjectKind.Link, Id);
        PinnedPath = listing.PathsOf(KernelObjectKind.Link, Id);
    }

    /// <summary>The kernel's number of the link.</summary>
    public int Id { get; }

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
}
