using System.Management.Automation;
using EbpfPs.Maps;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Reads the entries of maps, as objects with the names that the types of their keys and values have.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfMapEntry", DefaultParameterSetName = NameSet)]
[OutputType(MapEntryObject.TypeName, MapEntryObject.HistogramTypeName)]
public sealed class GetEbpfMapEntryCommand : MapCommand
{
    private const string MapSet = "Map";

    /// <summary>Maps, as Get-EbpfMap gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = MapSet)]
    public KernelMap[] Map { get; set; } = [];

    /// <summary>Each CPU's value of a per-CPU map by itself, instead of one for all.</summary>
    [Parameter]
    public SwitchParameter PerCpu { get; set; }

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

        foreach (KernelMap map in ParameterSetName == MapSet ? Map : FindMaps().ToArray())
        {
            if (map.WhyNotReadable.Length > 0 && ParameterSetName is NameSet or SessionSet && !IsNamed(map))
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
            foreach (MapEntry entry in map.Entries(PerCpu))
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

    /// <summary>Whether the map was meant, and not only met by a wildcard.</summary>
    private bool IsNamed(KernelMap map) => Name.Contains(map.Name, StringComparer.OrdinalIgnoreCase);
}
