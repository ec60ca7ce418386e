using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Removes pins. What nothing else holds leaves the kernel.</summary>
[Cmdlet(VerbsCommon.Remove, "EbpfPin", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEbpfPinCommand : KernelObjectCommand
{
    /// <summary>The paths; objects of New-EbpfPin, Get-EbpfMap, Get-EbpfProgram and Get-EbpfLink bring theirs along.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PinnedPath")]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(PinPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        foreach (Pin pin in Find(Path.Select(FullPath), Pins.Look))
        {
            if (!ShouldProcess(pin.Path, $"Remove the pin of {pin.Kind.ToString().ToLowerInvariant()} {pin.Id}"))
            {
                continue;
            }

            try
            {
                Pins.Remove(pin.Path);
            }
            catch (EbpfException error)
            {
                WriteError(error);
            }
        }
    }
}
