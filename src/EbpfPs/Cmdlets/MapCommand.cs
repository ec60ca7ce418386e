using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command about the maps of sessions.</summary>
public abstract class MapCommand : EbpfCommand
{
    /// <summary>The parameter set of sessions.</summary>
    protected const string SessionSet = "Session";

    /// <summary>Maps by name, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = SessionSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The sessions; without it all that run in this process.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>
    /// The maps that were named, of the sessions that this record is about. A session that was stopped, and a name that
    /// none of them has, is a non-terminating error.
    /// </summary>
    private protected List<SessionMap> FindMaps()
    {
        bool named = MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
        List<SessionMap> all = [];
        bool stopped = false;
        foreach (ProbeSession session in named ? InputObject : SessionRegistry.Running)
        {
            try
            {
                all.AddRange(session.Maps);
            }
            catch (EbpfException error)
            {
                stopped = true;
                WriteError(error);
            }
        }

        if (Name.Length == 0 || (stopped && all.Count == 0))
        {
            return all;
        }

        List<SessionMap> found = [];
        foreach (string name in Name)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            SessionMap[] some = all.Where(map => pattern.IsMatch(map.Name)).ToArray();
            if (some.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(new EbpfException(
                    EbpfErrorId.NotFound,
                    $"There is no map '{name}'.",
                    all.Count > 0 ? $"There are: {string.Join(", ", all.Select(map => map.Name).Distinct())}." : "No session runs; Start-EbpfProbe starts one.",
                    target: name));
            }

            found.AddRange(some.Except(found));
        }

        return found;
    }
}
