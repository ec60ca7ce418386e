using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>What a link is attached to, of the members that its type has.</summary>
internal sealed record LinkTarget(string Text, BpfAttachType? AttachType = null)
{
    private static readonly string[] _netfilterHooks = ["prerouting", "input", "forward", "output", "postrouting"];

    public int InterfaceIndex { get; init; }

    public ulong CgroupId { get; init; }

    public uint NamespaceInode { get; init; }

    public int MapId { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="info">What the kernel says of the link.</param>
    /// <param name="name">The name that it gives to the target.</param>
    /// <param name="types">Type information.</param>
    public static LinkTarget Of(in LibBpf.LinkInfo info, string name, BtfCatalog types) => (BpfLinkType)info.Type switch
    {
        BpfLinkType.RawTracepoint => new(name),
        BpfLinkType.Tracing => new(TracingTarget(info, types), (BpfAttachType)info.TracingAttachType),
        BpfLinkType.Cgroup => new(Cgroups.PathOf(info.CgroupId), (BpfAttachType)info.CgroupAttachType) { CgroupId = info.CgroupId },
        BpfLinkType.Iter => new(name) { MapId = (int)info.IteratorMap },
        BpfLinkType.Netns => new(Inode(info.NamespaceInode), (BpfAttachType)info.AttachType) { NamespaceInode = info.NamespaceInode },
        BpfLinkType.Xdp => new(InterfaceName(info.InterfaceIndex)) { InterfaceIndex = (int)info.InterfaceIndex },
        BpfLinkType.Tcx or BpfLinkType.Netkit =>
            new(InterfaceName(info.InterfaceIndex), (BpfAttachType)info.AttachType) { InterfaceIndex = (int)info.InterfaceIndex },
        BpfLinkType.PerfEvent => new(info.PerfType == 6 ? PerfEventName.Of(info.EventType, info.EventConfig) : PerfTarget(info.PerfType, name, info.PerfOffset)),
        BpfLinkType.KprobeMulti => new(string.Create(CultureInfo.InvariantCulture, $"{info.FunctionCount} functions")),
        BpfLinkType.UprobeMulti => new(string.Create(CultureInfo.InvariantCulture, $"{name}, {info.PlaceCount} places")),
        BpfLinkType.StructOps => new("") { MapId = (int)info.MapId },
        BpfLinkType.Sockmap => new("", (BpfAttachType)info.AttachType) { MapId = (int)info.MapId },
        BpfLinkType.Netfilter => new(NetfilterTarget(info)),
        _ => new(name),
    };

    private static string TracingTarget(in LibBpf.LinkInfo info, BtfCatalog types) =>
        info.TracingType == 0 ? "" : TypeTarget.Name(types, (int)info.TracingObject, (int)info.TracingType);

    private static string Inode(uint inode) => inode == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"net:[{inode}]");

    /// <summary>Its name in this network namespace; the number where it has none here.</summary>
    private static string InterfaceName(uint index)
    {
        Span<byte> name = stackalloc byte[16];
        return LibC.if_indextoname(index, name) != 0 ? KernelText.FromBytes(name)
            : index == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"interface {index}");
    }

    /// <summary>What a perf event that has a name stands for.</summary>
    /// <param name="kind"><c>enum bpf_perf_event_type</c>: 1 and 2 a place in a file and its function's return, 3 and 4 a function of the kernel, 5 a tracepoint.</param>
    /// <param name="name">The file, the function, the tracepoint.</param>
    /// <param name="offset">From the start of the file or function.</param>
    public static string PerfTarget(uint kind, string name, ulong offset) => kind switch
    {
        1 or 2 => string.Create(CultureInfo.InvariantCulture, $"{(kind == 2 ? "return of " : "")}{name}+0x{offset:x}"),
        3 or 4 => string.Create(CultureInfo.InvariantCulture, $"{(kind == 4 ? "return of " : "")}{name}{(offset == 0 ? "" : $"+0x{offset:x}")}"),
        5 => name,
        _ => "",
    };

    private static string NetfilterTarget(in LibBpf.LinkInfo info)
    {
        string family = info.NetfilterFamily switch { 2 => "ipv4", 10 => "ipv6", uint other => string.Create(CultureInfo.InvariantCulture, $"family {other}") };
        string hook = info.NetfilterHook < _netfilterHooks.Length ? _netfilterHooks[info.NetfilterHook] : string.Create(CultureInfo.InvariantCulture, $"hook {info.NetfilterHook}");
        return string.Create(CultureInfo.InvariantCulture, $"{family} {hook}, priority {info.NetfilterPriority}");
    }
}

/// <summary>Perf events by type and config: perf_event_open(2).</summary>
internal static class PerfEventName
{
    private static readonly string[] _hardware =
    [
        "cpu-cycles", "instructions", "cache-references", "cache-misses", "branch-instructions", "branch-misses",
        "bus-cycles", "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
    ];

    private static readonly string[] _software =
    [
        "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "page-faults-min", "page-faults-maj",
        "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
    ];

    /// <summary>The event as perf(1) calls it; type and config where it has no name.</summary>
    public static string Of(uint type, ulong config) => type switch
    {
        0 when config < (ulong)_hardware.Length => _hardware[config],
        1 when config < (ulong)_software.Length => _software[config],
        _ => string.Create(CultureInfo.InvariantCulture, $"type {type}, config 0x{config:x}"),
    };
}
