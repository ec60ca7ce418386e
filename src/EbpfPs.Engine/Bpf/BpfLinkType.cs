namespace EbpfPs.Bpf;

/// <summary>
/// What kind of attachment it is: <c>enum bpf_link_type</c> of include/uapi/linux/bpf.h, with the kernel's numbers and words. What
/// no link can make has no number of the kernel's, and is below 0.
/// </summary>
public enum BpfLinkType
{
#pragma warning disable CS1591 // Documentation/bpf/ describes each.
    Tc = -1,
    Unspecified = 0,
    RawTracepoint = 1,
    Tracing = 2,
    Cgroup = 3,
    Iter = 4,
    Netns = 5,
    Xdp = 6,
    PerfEvent = 7,
    KprobeMulti = 8,
    StructOps = 9,
    Netfilter = 10,
    Tcx = 11,
    UprobeMulti = 12,
    Netkit = 13,
    Sockmap = 14,
#pragma warning restore CS1591
}
