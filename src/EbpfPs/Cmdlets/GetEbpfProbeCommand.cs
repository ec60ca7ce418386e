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
        switch (ParameterSetName)
        {
            case ListSet when ListAvailable:
                Write(ProbeCatalog.Describe(), Name, probe => probe.Name, "probe");
                break;
            case IdSet:
                Write(SessionRegistry.Running, Id.Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture)).ToArray(), session => session.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "session");
                break;
            default:
                Write(SessionRegistry.Running, Name, session => session.Name, "session");
                break;
        }
    }

    private void Write<T>(IEnumerable<T> all, string[] wanted, Func<T, string> nameOf, string noun)
    {
        T[] list = all.ToArray();
        if (wanted.Length == 0)
        {
            WriteObject(list, enumerateCollection: true);
            return;
        }

        foreach (string name in wanted)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            T[] matches = list.Where(one => pattern.IsMatch(nameOf(one))).ToArray();
            if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                string there = list.Length > 0 ? $"There are: {string.Join(", ", list.Select(nameOf))}." : "None runs; Start-EbpfProbe starts one.";
                WriteError(new EbpfException(EbpfErrorId.NotFound, $"There is no {noun} '{name}'.", there, target: name));
            }

            WriteObject(matches, enumerateCollection: true);
        }
    }
}
