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
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Sessions by number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The catalogue of built-in probes instead of what runs.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (ListAvailable)
        {
            Write(ProbeCatalog.Describe(), Name, (probe, name) => Matches(probe.Name, name), "probe");
        }
        else if (ParameterSetName == IdSet)
        {
            Write(SessionRegistry.Running, Id, (session, id) => session.Id == id, "session");
        }
        else
        {
            Write(SessionRegistry.Running, Name, (session, name) => Matches(session.Name, name), "session");
        }
    }

    private static bool Matches(string name, string pattern) => new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch(name);

    private void Write<TItem, TKey>(IEnumerable<TItem> all, TKey[] wanted, Func<TItem, TKey, bool> matches, string noun)
    {
        TItem[] list = all.ToArray();
        if (wanted.Length == 0)
        {
            WriteObject(list, enumerateCollection: true);
            return;
        }

        foreach (TKey key in wanted)
        {
            TItem[] found = list.Where(item => matches(item, key)).ToArray();
            if (found.Length == 0 && !(key is string pattern && WildcardPattern.ContainsWildcardCharacters(pattern)))
            {
                string hint = list.Length > 0 ? $"There are: {string.Join(", ", list)}." : "None runs; Start-EbpfProbe starts one.";
                WriteError(new EbpfException(EbpfErrorId.NotFound, $"There is no {noun} '{key}'.", hint, target: key));
            }

            WriteObject(found, enumerateCollection: true);
        }
    }
}
