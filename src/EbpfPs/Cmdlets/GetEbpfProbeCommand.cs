using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the sessions that run, or the probes that there are.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfProbe", DefaultParameterSetName = NameSet)]
[OutputType(typeof(ProbeSession), ParameterSetName = new[] { NameSet, IdSet })]
[OutputType(typeof(ProbeInfo), ParameterSetName = new[] { ListSet })]
public sealed class GetEbpfProbeCommand : EbpfCommand
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";
    private const string ListSet = "ListAvailable";

    /// <summary>Names of sessions or of probes, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Parameter(Position = 0, ParameterSetName = ListSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Sessions by number.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The catalogue of built-in probes instead of what runs.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        SessionSearch search = new(WriteError);
        object[] found = ParameterSetName switch
        {
            ListSet => Name.Length > 0 ? [.. Name.SelectMany(FindProbes).DistinctBy(probe => probe.Name)] : [.. ProbeCatalog.Describe()],
            IdSet => [.. search.ById(Id)],
            _ => [.. Name.Length > 0 ? search.ByName(Name) : search.All],
        };
        WriteObject(found, enumerateCollection: true);
    }

    private IEnumerable<ProbeInfo> FindProbes(string name)
    {
        if (WildcardPattern.ContainsWildcardCharacters(name))
        {
            WildcardPattern pattern = NamePattern.Of(name);
            return ProbeCatalog.Describe().Where(probe => pattern.IsMatch(probe.Name));
        }

        try
        {
            ProbeSpec known = ProbeCatalog.Find(name);
            return ProbeCatalog.Describe().Where(probe => probe.Name == known.Name);
        }
        catch (EbpfException unknown)
        {
            WriteError(unknown);
            return [];
        }
    }
}
