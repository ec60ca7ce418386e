namespace EbpfPs.Bpf;

/// <summary>What has to be known of a map to read and write its entries.</summary>
/// <param name="Name">What to call it in messages.</param>
/// <param name="Type">Its kind.</param>
/// <param name="KeySize">Bytes of a key.</param>
/// <param name="ValueSize">Bytes of a value; for a per-CPU map, of one CPU's.</param>
/// <param name="MaxEntries">How many entries fit; for a ring, its bytes.</param>
internal sealed record MapShape(string Name, BpfMapType Type, int KeySize, int ValueSize, long MaxEntries)
{
    /// <summary>Whether each CPU has a value of its own under every key.</summary>
    public bool IsPerCpu => Type is BpfMapType.PerCpuHash or BpfMapType.PerCpuArray or BpfMapType.LruPerCpuHash or BpfMapType.PerCpuCgroupStorage;

    /// <summary>Whether it has no keys, but one end, or two.</summary>
    public bool IsQueue => Type is BpfMapType.Queue or BpfMapType.Stack;

    /// <summary>Whether its values are the numbers of maps.</summary>
    public bool HoldsMaps => Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps;

    /// <summary>Whether the kernel reads it in batches that no change disturbs.</summary>
    public bool HasBatches => Type is BpfMapType.Hash or BpfMapType.LruHash or BpfMapType.Array
        or BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash or BpfMapType.PerCpuArray;

    /// <summary>Bytes from one CPU's value to the next: the kernel fills each up to 8.</summary>
    public int Stride => (ValueSize + 7) / 8 * 8;

    /// <summary>Bytes of all that the kernel has under a key.</summary>
    public int EntrySize => IsPerCpu ? Stride * BpfMap.PossibleCpus : ValueSize;

    /// <summary>Why its entries can't be read; empty where they can.</summary>
    public string WhyNotReadable => Type switch
    {
        BpfMapType.Hash or BpfMapType.LruHash or BpfMapType.Array
            or BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash or BpfMapType.PerCpuArray
            or BpfMapType.LpmTrie or BpfMapType.Queue or BpfMapType.Stack
            or BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps or BpfMapType.ProgArray
            or BpfMapType.StackTrace or BpfMapType.CgroupStorage or BpfMapType.PerCpuCgroupStorage => "",
        BpfMapType.RingBuffer => "a ring has records, which the session's reader takes, and no entries",
        BpfMapType.UserRingBuffer => "a ring has records, which a program takes, and no entries",
        BpfMapType.TaskStorage or BpfMapType.SocketStorage or BpfMapType.InodeStorage or BpfMapType.CgroupLocalStorage =>
            "its values are kept at the tasks, sockets, files or cgroups themselves, and the kernel has no list of them",
        BpfMapType.CgroupArray or BpfMapType.PerfEventArray or BpfMapType.SockMap or BpfMapType.SockHash
            or BpfMapType.XskMap or BpfMapType.ReusePortSockArray =>
            "it holds references to kernel objects, which the kernel doesn't give back",
        BpfMapType.BloomFilter => "a Bloom filter can say whether it may have a value, but not which it has",
        BpfMapType.Arena => "it is memory without entries",
        _ => $"the entries of a map of kind {Type} are not of a form that this version reads",
    };

    /// <summary>Why its entries can't be set; empty where they can.</summary>
    public string WhyNotWritable => Type is BpfMapType.StackTrace ? "only programs can" : WhyNotReadable;

    /// <summary>Why its entries can't be removed; empty where they can.</summary>
    public string WhyNotRemovable => Type is BpfMapType.Array or BpfMapType.PerCpuArray
        ? "an array has all its entries at all times; Set-EbpfMapEntry can set them to 0"
        : WhyNotReadable;
}

/// <summary>A map that is open somewhere, of this process or of another.</summary>
internal interface IMapSource
{
    /// <summary>What it is.</summary>
    MapShape Shape { get; }

    /// <summary>Keeps the map open for a call, whatever another thread does meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    MapLease Borrow();
}
