using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Parameters;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the programs that are loaded in the kernel.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfProgram", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SystemProgram), typeof(ProgramStatistics), typeof(ProgramInstruction))]
public sealed class GetEbpfProgramCommand : KernelObjectCommand
{
    private const string LinkSet = "Link";

    /// <summary>Programs of all records are measured at once.</summary>
    private readonly List<SystemProgram> _measured = [];

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

    /// <summary>The programs of these sessions.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>How often the programs run, and for how long, during -Duration, instead of the programs.</summary>
    [Parameter]
    public SwitchParameter Statistics { get; set; }

    /// <summary>How long to measure.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The programs' instructions instead of the programs.</summary>
    [Parameter]
    public SwitchParameter Disassembly { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (Statistics && Disassembly)
        {
            throw Refused("-Statistics and -Disassembly can't be given together.", "Ask for one after the other.");
        }

        if (!Statistics && MyInvocation.BoundParameters.ContainsKey(nameof(Duration)))
        {
            throw Refused("-Duration is for -Statistics, which isn't given.", "Add -Statistics.");
        }

        if (Duration <= TimeSpan.Zero)
        {
            throw Refused("-Duration must be longer than nothing.", "For instance 500ms, or 10 for seconds.");
        }

        if (Disassembly)
        {
            ProgramCode code = new();
            WriteObject(Find(FindPrograms(), code.Read).SelectMany(instructions => instructions), enumerateCollection: true);
        }
        else if (!Statistics)
        {
            WriteObject(FindPrograms(), enumerateCollection: true);
        }
        else
        {
            _measured.AddRange(FindPrograms());
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_measured.Count > 0)
        {
            using RunStatistics on = new();
            WriteObject(RunStatistics.Measure(_measured, () => StopToken.WaitHandle.WaitOne(Duration)), enumerateCollection: true);
        }
    }

    private EbpfException Refused(string message, string hint) =>
        new(EbpfErrorId.InvalidArgument, message, hint, target: MyInvocation.MyCommand.Name);

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
            SessionSet => Find(ProgramIdsOf(InputObject), id => ProgramCatalog.Find(id, listing)),
            _ => Find(Link.Select(link => link.ProgramId).Where(id => id != 0).Distinct(), id => ProgramCatalog.Find(id, listing)),
        };
    }
}
