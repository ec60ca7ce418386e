using System.Management.Automation;
using EbpfPs.Maps;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Removes entries of maps.</summary>
[Cmdlet(VerbsCommon.Remove, "EbpfMapEntry", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEbpfMapEntryCommand : MapChangeCommand
{
    private protected override void Change(KernelMap map, object? key)
    {
        if (ShouldProcess(Describe(map, key), "Remove") && !WriterOf(map).Remove(key))
        {
            WriteError(new EbpfException(
                EbpfErrorId.NotFound,
                $"Map '{map.Name}' has no {(key is null ? "entry" : $"entry {ValueText.Of(Key)}")}.",
                "Get-EbpfMapEntry lists them.",
                target: Key));
        }
    }
}
