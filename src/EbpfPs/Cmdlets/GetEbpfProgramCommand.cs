using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the programs that are loaded in the kernel.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfProgram", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SystemProgram))]
public sealed class GetEbpfProgramCommand : KernelObjectCommand
{
    private const string LinkSet = "Link";

    /// <summary>Programs by name, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProgramNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Programs by the kernel's number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(ProgramIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The paths that programs are pinned at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string[] Path { get; set; } = [];

    /// <summary>The programs of these links.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = LinkSet)]
    public SystemLink[] Link { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(FindPrograms(), enumerateCollection: true);

    private IEnumerable<SystemProgram> FindPrograms()
    {
        if (ParameterSetName == NameSet)
        {
            return NameFilter.Select(ProgramCatalog.All(), Name, program => program.Name, name => WriteMissing("program", name));
        }

        SystemListing listing = new();
        return ParameterSetName switch
        {
            IdSet => Find(Id, id => ProgramCatalog.Find(id, listing)),
            PathSet => Find(Path.Select(FullPath), path => ProgramCatalog.Pinned(path, listing)),
            _ => Find(Link.Select(link => link.ProgramId).Where(id => id != 0).Distinct(), id => ProgramCatalog.Find(id, listing)),
        };
    }
}
