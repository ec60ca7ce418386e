using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The pins of an object's maps: what is there is used when the object is loaded, the rest made when it is started.</summary>
internal static class ObjectPins
{
    /// <summary>Finds the maps that an object wants pinned, and puts those that are pinned already in their place.</summary>
    /// <exception cref="EbpfException">Something else is pinned there.</exception>
    public static IReadOnlyList<PinnedMap> Use(OpenedBpfObject opened)
    {
        List<PinnedMap> pins = [];
        foreach (DeclaredMap map in opened.Maps.Where(map => map.PinPath.Length > 0))
        {
            opened.LeaveUnpinned(map.Name);
            bool isThere = File.Exists(map.PinPath);
            if (isThere)
            {
                using FileDescriptor existing = Open(opened, map);
                opened.Replace(map.Name, existing);
            }

            pins.Add(new PinnedMap(map.Name, map.PinPath, isThere));
        }

        return pins;
    }

    /// <summary>Makes the pins that were not there; all of them or none.</summary>
    /// <exception cref="EbpfException">There is no BPF file system, or it refused.</exception>
    public static void Make(IReadOnlyList<PinnedMap> pins, BpfObject loaded)
    {
        List<string> made = [];
        try
        {
            foreach (PinnedMap pin in pins.Where(pin => !pin.WasThere))
            {
                Pins.Create(pin.Path, loaded.Map(pin.Map).Fd, $"map '{pin.Map}' of '{loaded.Name}', as the object wants it");
                made.Add(pin.Path);
            }
        }
        catch
        {
            made.ForEach(Pins.Remove);
            throw;
        }
    }

    private static FileDescriptor Open(OpenedBpfObject opened, DeclaredMap map)
    {
        string clash = $"The eBPF object '{opened.Name}' wants its map '{map.Name}' pinned at '{map.PinPath}', where";
        const string Remedy = "If nothing needs what is pinned there, Remove-EbpfPin removes the pin; the object then gets a map of its own.";
        FileDescriptor existing = Pins.Open(map.PinPath, out KernelObjectKind kind, out int id);
        string difference = kind == KernelObjectKind.Map ? opened.DifferenceFrom(map.Name, existing) : "";
        if (kind == KernelObjectKind.Map && difference.Length == 0)
        {
            return existing;
        }

        existing.Dispose();
        throw new EbpfException(
            EbpfErrorId.InvalidArgument,
            kind == KernelObjectKind.Map ? $"{clash} map {id} is pinned, which doesn't fit: {difference}." : $"{clash} a {KernelObjects.Noun(kind)} is pinned.",
            Remedy,
            target: map.PinPath);
    }
}
