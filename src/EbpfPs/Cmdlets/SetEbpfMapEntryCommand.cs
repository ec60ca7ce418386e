using System.Management.Automation;
using EbpfPs.Maps;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Sets entries of maps, or adds them.</summary>
[Cmdlet(VerbsCommon.Set, "EbpfMapEntry", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class SetEbpfMapEntryCommand : MapChangeCommand
{
    /// <summary>The value: a number, text, an array, a hashtable with the members of a struct, a map or a program.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    private protected override void Change(KernelMap map, object? key)
    {
        object? value = Plain(Value);
        if (ShouldProcess(Describe(map, key), $"Set to {ValueText.Of(Value)}"))
        {
            WriterOf(map).Set(key, value);
        }
    }
}
