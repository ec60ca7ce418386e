using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command about sessions that run: by the object, by number or by name.</summary>
public abstract class SessionCommand : EbpfCommand
{
    /// <summary>The parameter set of names.</summary>
    protected const string NameSet = "Name";

    /// <summary>The parameter set of numbers.</summary>
    protected const string IdSet = "Id";

    /// <summary>The parameter set of session objects.</summary>
    protected const string SessionSet = "Session";

    /// <summary>Sessions by name, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Sessions by number.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>Sessions themselves.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>The sessions that this record names; those that are not there are non-terminating errors.</summary>
    private protected List<ProbeSession> FindSessions()
    {
        SessionSearch search = new(WriteError);
        return ParameterSetName switch
        {
            SessionSet => [.. InputObject],
            IdSet => search.ById(Id),
            NameSet when Name.Length > 0 => search.ByName(Name),
            _ => throw new EbpfException(EbpfErrorId.InvalidArgument, "No session was named.", search.Advice, target: MyInvocation.MyCommand.Name),
        };
    }
}
