namespace EbpfPs.Bpf;

/// <summary>How a map was made: the BPF_F_ flags of BPF_MAP_CREATE in include/uapi/linux/bpf.h.</summary>
[Flags]
public enum BpfMapFlags
{
#pragma warning disable CS1591 // The header describes each.
    None = 0,
    NoPrealloc = 1 << 0,
    NoCommonLru = 1 << 1,
    NumaNode = 1 << 2,
    ReadOnly = 1 << 3,
    WriteOnly = 1 << 4,
    StackBuildId = 1 << 5,
    ZeroSeed = 1 << 6,
    ReadOnlyProgram = 1 << 7,
    WriteOnlyProgram = 1 << 8,
    Clone = 1 << 9,
    MmapAble = 1 << 10,
    PreserveElements = 1 << 11,
    InnerMap = 1 << 12,
    Link = 1 << 13,
    PathFd = 1 << 14,
    ValueTypeBtfObject = 1 << 15,
    Token = 1 << 16,
    SegvOnFault = 1 << 17,
    NoUserConversion = 1 << 18,
#pragma warning restore CS1591
}
