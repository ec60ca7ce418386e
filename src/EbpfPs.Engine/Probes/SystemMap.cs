using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// A map of whatever process, as it was when it was listed. It isn't held: each reading opens it by its number, and is
/// an error when it has gone meanwhile.
/// </summary>
public sealed class SystemMap : KernelMap
{
    internal SystemMap(OpenedMap map, SystemListing listing)
        : base(map.Shape, map.Info, map.Facts(), () => TypesOf(map, listing))
    {
        Owner = listing.OwnersOf(KernelObjectKind.Map, Id);
        PinnedPath = listing.PathsOf(KernelObjectKind.Map, Id);
    }

    private protected override IMapSource Open(out IDisposable? opened)
    {
        OpenedMap map = OpenedMap.ById(Id);
        opened = map;
        return map;
    }

    private protected override EbpfException Gone() => KernelObjects.NotThere(KernelObjectKind.Map, Id);

    private static (BtfType? Key, BtfType? Value) TypesOf(OpenedMap map, SystemListing listing)
    {
        Btf? types = listing.Types.Find((int)map.Info.BtfId);
        return (TypeOf(types, (int)map.Info.KeyType), TypeOf(types, (int)map.Info.ValueType));
    }

    private static BtfType? TypeOf(Btf? types, int id) => types is null || id == 0 ? null : types.TypeOf(id);
}
