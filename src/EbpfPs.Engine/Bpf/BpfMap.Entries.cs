using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <content>What a reader of all entries has to know of a map.</content>
public sealed partial class BpfMap
{
    /// <summary>Its kind.</summary>
    public BpfMapType Type => (BpfMapType)LibBpf.bpf_map__type(_map);

    /// <summary>Whether each CPU has a value of its own under every key.</summary>
    public bool IsPerCpu => Type is BpfMapType.PerCpuHash or BpfMapType.PerCpuArray or BpfMapType.LruPerCpuHash;

    /// <summary>The number of the key's type in the object's type information; 0 where it has none.</summary>
    public int KeyTypeId => (int)LibBpf.bpf_map__btf_key_type_id(_map);

    /// <summary>The number of the value's type; 0 where it has none.</summary>
    public int ValueTypeId => (int)LibBpf.bpf_map__btf_value_type_id(_map);

    /// <summary>Why the entries of a map of this kind can't be read one after the other; empty where they can.</summary>
    public string WhyNotReadable => Type switch
    {
        BpfMapType.Hash or BpfMapType.LruHash or BpfMapType.Array
            or BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash or BpfMapType.PerCpuArray => "",
        BpfMapType.RingBuffer => "a ring has records, which the session's reader takes, and no entries",
        BpfMapType.TaskStorage or BpfMapType.SocketStorage or BpfMapType.InodeStorage or BpfMapType.CgroupLocalStorage =>
            "its values are kept at the tasks, sockets, files or cgroups themselves, and the kernel has no list of them",
        BpfMapType.CgroupArray or BpfMapType.PerfEventArray or BpfMapType.ProgArray or BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps =>
            "it holds references to kernel objects, which the kernel doesn't give back",
        BpfMapType.Queue or BpfMapType.Stack => "reading a queue or stack would take its entries out",
        _ => $"the entries of a map of kind {Type} are not of a form that this version reads",
    };

    /// <summary>The kernel's number of the map.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public int ReadId()
    {
        LibBpf.MapInfo info = default;
        uint length = LibBpf.MapInfo.Size;
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(Fd, ref info, ref length), $"read about map '{Name}'", Name);
        GC.KeepAlive(_owner);
        return (int)info.Id;
    }

    /// <summary>Keeps the map open for a call, whatever another thread does meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">Its object was unloaded.</exception>
    internal Lease Borrow() => new(_owner.Handle, this);

    /// <summary>A descriptor that stays valid until the lease is disposed.</summary>
    internal readonly ref struct Lease
    {
        private readonly BpfObjectHandle _handle;

        public Lease(BpfObjectHandle handle, BpfMap map)
        {
            bool added = false;
            _handle = handle;
            handle.DangerousAddRef(ref added);
            Fd = map.Fd;
        }

        public int Fd { get; }

        public void Dispose() => _handle.DangerousRelease();
    }
}
