using System.Management.Automation;
using EbpfPs.Bpf;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Pins a map, a program or a link, so that it stays when the processes that hold it have gone.</summary>
[Cmdlet(VerbsCommon.New, "EbpfPin", DefaultParameterSetName = "Object", SupportsShouldProcess = true)]
[OutputType(typeof(Pin))]
public sealed class NewEbpfPinCommand : KernelObjectCommand
{
    /// <summary>Where to pin it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary>What to pin: what Get-EbpfMap, Get-EbpfProgram or Get-EbpfLink gives.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Object")]
    public PSObject? InputObject { get; set; }

    /// <summary>The number of the map to pin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Map")]
    [ArgumentCompleter(typeof(MapIdCompleter))]
    public int MapId { get; set; }

    /// <summary>The number of the program to pin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Program")]
    [ArgumentCompleter(typeof(ProgramIdCompleter))]
    public int ProgramId { get; set; }

    /// <summary>The number of the link to pin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Link")]
    [ArgumentCompleter(typeof(LinkIdCompleter))]
    public int LinkId { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        (KernelObjectKind kind, int id) = ParameterSetName switch
        {
            "Map" => (KernelObjectKind.Map, MapId),
            "Program" => (KernelObjectKind.Program, ProgramId),
            "Link" => (KernelObjectKind.Link, LinkId),
            _ => Identify(),
        };
        string path = FullPath(Path);
        if (!ShouldProcess(path, $"Pin {KernelObjects.Noun(kind)} {id}"))
        {
            return;
        }

        try
        {
            WriteObject(Pins.Create(path, kind, id));
        }
        catch (EbpfException error)
        {
            WriteError(error);
        }
    }

    private (KernelObjectKind Kind, int Id) Identify() => InputObject?.BaseObject switch
    {
        KernelMap map => (KernelObjectKind.Map, map.Id),
        SystemProgram program => (KernelObjectKind.Program, program.Id),
        SystemLink { Id: int id } => (KernelObjectKind.Link, id),
        SystemLink attached => throw new EbpfException(
            EbpfErrorId.InvalidArgument,
            $"{attached.ProgramName} is attached without a link, so there is no link to pin.",
            "It stays attached without one. Its program can be pinned: Get-EbpfProgram -Id ... | New-EbpfPin.",
            target: attached),
        object other => throw new EbpfException(
            EbpfErrorId.InvalidArgument,
            $"A {other.GetType().Name} can't be pinned.",
            "Give what Get-EbpfMap, Get-EbpfProgram or Get-EbpfLink shows.",
            target: other),
        null => throw new EbpfException(EbpfErrorId.InvalidArgument, "There is nothing to pin.", target: Path),
    };
}
