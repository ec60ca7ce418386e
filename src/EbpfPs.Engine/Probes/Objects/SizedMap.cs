using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// A map whose size its object leaves to the program that loads it. It gets what such programs choose: as many entries as
/// are enough for most, and stacks as deep as the kernel records them.
/// </summary>
/// <param name="Map">The map's name in the source.</param>
/// <param name="MaxEntries">How many entries it gets.</param>
public sealed record SizedMap(string Map, uint MaxEntries)
{
    private const uint Usual = 10_240;
    private const uint UsualArray = 1_024;

    /// <summary>The default of sysctl kernel.perf_event_max_stack, in addresses of 8 bytes.</summary>
    private const uint StackSize = 127 * 8;

    /// <summary>Gives sizes to the maps of an object that have none.</summary>
    /// <exception cref="EbpfException">libbpf refused.</exception>
    internal static IReadOnlyList<SizedMap> Size(OpenedBpfObject opened)
    {
        List<SizedMap> sized = [];
        foreach (DeclaredMap map in opened.Maps)
        {
            if (map is { Type: BpfMapType.StackTrace, ValueSize: 0 })
            {
                opened.SetValueSize(map.Name, StackSize);
            }

            if (map.MaxEntries == 0 && EntriesFor(map.Type) is > 0 and uint entries)
            {
                opened.SetMaxEntries(map.Name, entries);
                sized.Add(new SizedMap(map.Name, entries));
            }
        }

        return sized;
    }

    /// <summary>0 for kinds that have no number of entries, or one of their own.</summary>
    private static uint EntriesFor(BpfMapType type) => type switch
    {
        BpfMapType.Hash or BpfMapType.LruHash or BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash or BpfMapType.StackTrace or BpfMapType.LpmTrie => Usual,
        BpfMapType.Array or BpfMapType.PerCpuArray or BpfMapType.Queue or BpfMapType.Stack or BpfMapType.DevMap or BpfMapType.DevMapHash => UsualArray,
        BpfMapType.CpuMap => (uint)BpfMap.PossibleCpus,
        BpfMapType.RingBuffer => ObjectSessionOptions.PerfBufferSize,
        _ => 0,
    };
}
