using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Maps;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Reads the entries of maps, as objects with the names that the types of their keys and values have.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfMapEntry", DefaultParameterSetName = NameSet)]
[OutputType(MapEntryObject.TypeName, MapEntryObject.HistogramTypeName, MapEntryObject.NumberHistogramTypeName)]
public sealed class GetEbpfMapEntryCommand : MapCommand
{
    private const string MapSet = "Map";

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Parameter(Position = 0, ParameterSetName = SessionSet)]
    [Parameter(Position = 0, ParameterSetName = ProgramSet)]
    [Parameter(Position = 0, ParameterSetName = MapSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public override string[] Name { get; set; } = [];

    /// <summary>Maps, as Get-EbpfMap gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = MapSet)]
    public KernelMap[] Map { get; set; } = [];

    /// <summary>Each CPU's value of a per-CPU map by itself, instead of one for all.</summary>
    [Parameter]
    public SwitchParameter PerCpu { get; set; }

    /// <summary>Entries as the map has them, or histograms of them; else as the map's own types tell.</summary>
    [Parameter]
    public MapEntryForm As { get; set; }

    /// <summary>What a histogram's slots count, where they are times.</summary>
    [Parameter]
    [ValidateSet("ns", "us", "ms", "s")]
    public string Unit { get; set; } = "";

    private long? UnitNs => Unit switch
    {
        "ns" => 1,
        "us" => 1000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => null,
    };

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (ParameterSetName is NameSet or SessionSet && Name.Length == 0)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                "No map was named.",
                "Name one, or * for all; Get-EbpfMap lists them.",
                target: MyInvocation.MyCommand.Name);
        }

        foreach (KernelMap map in ParameterSetName == MapSet ? Choose(Map) : FindMaps().ToArray())
        {
            if (map.WhyNotReadable.Length > 0 && Name.Length > 0 && !IsNamed(map))
            {
                WriteVerbose($"Map '{map.Name}' is left out: {map.WhyNotReadable}.");
                continue;
            }

            WriteEntries(map);
        }
    }

    private void WriteEntries(KernelMap map)
    {
        ReadingProgress progress = new(this, map);
        try
        {
            foreach (Probes.MapEntry entry in Read(map))
            {
                WriteObject(MapEntryObject.From(entry));
                progress.Advance();
            }
        }
        catch (EbpfException error)
        {
            WriteError(error);
        }

        progress.Complete();
    }

    private IEnumerable<Probes.MapEntry> Read(KernelMap map)
    {
        HistogramKind? kind = As switch
        {
            MapEntryForm.Entry => null,
            MapEntryForm.Log2Histogram => HistogramKind.Log2,
            MapEntryForm.LinearHistogram => HistogramKind.Linear,
            _ => map.HistogramKind,
        };
        if (kind is null && UnitNs is not null)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"-Unit is for histograms of slots, and map '{map.Name}' isn't read as one.",
                "-As Log2Histogram or -As LinearHistogram reads it as one; without -Unit its entries come as they are.",
                target: map.Name);
        }

        return kind is HistogramKind slots ? map.Histograms(slots, UnitNs, PerCpu) : map.Entries(PerCpu);
    }

    /// <summary>Whether the map was meant, and not only met by a wildcard.</summary>
    private bool IsNamed(KernelMap map) => Name.Contains(map.Name, StringComparer.OrdinalIgnoreCase);
}
