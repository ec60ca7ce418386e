using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <content>What a reader of all entries has to know of a map.</content>
public sealed partial class BpfMap : IMapSource
{
    /// <summary>Its kind.</summary>
    public BpfMapType Type => (BpfMapType)LibBpf.bpf_map__type(_map);

    /// <summary>The number of the key's type in the object's type information; 0 where it has none.</summary>
    public int KeyTypeId => _declared?.KeyTypeId ?? (int)LibBpf.bpf_map__btf_key_type_id(_map);

    /// <summary>The number of the value's type; 0 where it has none.</summary>
    public int ValueTypeId => _declared?.ValueTypeId ?? (int)LibBpf.bpf_map__btf_value_type_id(_map);

    /// <summary>What it is.</summary>
    MapShape IMapSource.Shape => new(Name, Type, KeySize, ValueSize, MaxEntries);

    /// <summary>Keeps the map open for a call, whatever another thread does meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">Its object was unloaded.</exception>
    MapLease IMapSource.Borrow() => new(_owner.Handle, () => Fd);

    /// <summary>The kernel's number of the map.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public int ReadId() => (int)ReadInfo().Id;

    /// <summary>What the kernel says of the map.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    internal LibBpf.MapInfo ReadInfo()
    {
        LibBpf.MapInfo info = ObjectInfo.Map(Fd, $"map '{Name}'");
        GC.KeepAlive(_owner);
        return info;
    }
}
