using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the links of the kernel: which program is attached where.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfLink", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SystemLink))]
public sealed class GetEbpfLinkCommand : KernelObjectCommand
{
    private const string ProgramSet = "Program";

    /// <summary>Links of programs with these names, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProgramNameCompleter))]
    public string[] ProgramName { get; set; } = [];

    /// <summary>Links by the kernel's number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(LinkIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The paths that links are pinned at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string[] Path { get; set; } = [];

    /// <summary>Links of these programs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ProgramSet)]
    public SystemProgram[] Program { get; set; } = [];

    /// <summary>Links of these sessions' programs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(FindLinks(), enumerateCollection: true);

    private IEnumerable<SystemLink> FindLinks()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                SystemListing listing = new();
                return Find(Id, id => LinkCatalog.Find(id, listing));
            case PathSet:
                SystemListing whole = new();
                return Find(Path.Select(FullPath), path => LinkCatalog.Pinned(path, whole));
            case ProgramSet:
                return OfPrograms(Program.Select(program => program.Id));
            case SessionSet:
                return OfPrograms(ProgramIdsOf(InputObject));
            default:
                return NameFilter.Select(LinkCatalog.All(), ProgramName, link => link.ProgramName, name => WriteError(new EbpfException(
                    EbpfErrorId.NotFound,
                    $"The kernel has no link of a program '{name}'.",
                    "Get-EbpfLink without parameters lists them; a program can be loaded without being attached.",
                    target: name)));
        }
    }

    private static IEnumerable<SystemLink> OfPrograms(IEnumerable<int> ids)
    {
        HashSet<int> programs = [.. ids];
        return programs.Count == 0 ? [] : LinkCatalog.All().Where(link => programs.Contains(link.ProgramId));
    }
}
