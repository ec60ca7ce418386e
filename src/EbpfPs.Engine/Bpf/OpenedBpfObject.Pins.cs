using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <content>
/// Maps that an object wants pinned. libbpf would pin them while it loads, so that a trial would leave them behind; here
/// it is told of no pins, and whoever starts the object makes them.
/// </content>
public sealed partial class OpenedBpfObject
{
    /// <summary>Maps in whose place others are used, as the object declares them, by libbpf's pointers.</summary>
    private readonly Dictionary<nint, DeclaredMap> _replaced = [];

    /// <summary>Takes the pinning of a map out of libbpf's hands.</summary>
    internal void LeaveUnpinned(string map) =>
        LibBpfError.Check(LibBpf.bpf_map__set_pin_path(FindMap(map), 0), $"leave map '{map}' of '{Name}' unpinned", map);

    /// <summary>Uses a map that is in the kernel in the place of one of the object's.</summary>
    /// <param name="map">The map's name in the source.</param>
    /// <param name="existing">The other map.</param>
    internal void Replace(string map, FileDescriptor existing)
    {
        nint found = FindMap(map);
        _replaced[found] = Declaration(found);
        LibBpfError.Check(LibBpf.bpf_map__reuse_fd(found, existing.Number), $"use another map for '{map}' of '{Name}'", map);
    }

    /// <summary>In what a map that is in the kernel differs from one of the object's; empty where it can stand for it.</summary>
    /// <param name="map">The map's name in the source.</param>
    /// <param name="existing">The other map.</param>
    internal string DifferenceFrom(string map, FileDescriptor existing)
    {
        nint found = FindMap(map);
        DeclaredMap wanted = Declaration(found);
        LibBpf.MapInfo there = ObjectInfo.Map(existing.Number, $"the map in the place of '{map}'");

        // A perf buffer without a number of entries gets one for each CPU.
        bool anyNumber = wanted is { Type: BpfMapType.PerfEventArray, MaxEntries: 0 };
        (string What, string There, string Wanted)[] facts =
        [
            ("kind", $"{(BpfMapType)there.Type}", $"{wanted.Type}"),
            ("bytes of a key", $"{there.KeySize}", $"{wanted.KeySize}"),
            ("bytes of a value", $"{there.ValueSize}", $"{wanted.ValueSize}"),
            ("number of entries", $"{there.MaxEntries}", anyNumber ? $"{there.MaxEntries}" : $"{wanted.MaxEntries}"),
            ("flags", $"0x{there.Flags:x}", $"0x{LibBpf.bpf_map__map_flags(found):x}"),
            ("extra", $"0x{there.Extra:x}", $"0x{LibBpf.bpf_map__map_extra(found):x}"),
        ];
        return string.Join(", ", facts.Where(fact => fact.There != fact.Wanted).Select(fact => $"{fact.What} {fact.There}, not {fact.Wanted}"));
    }
}
