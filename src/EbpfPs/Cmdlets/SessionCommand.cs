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
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Sessions by number.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>Sessions themselves.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>The sessions that this record names; those that are not there are non-terminating errors.</summary>
    private protected List<ProbeSession> FindSessions()
    {
        List<ProbeSession> running = SessionRegistry.Running.ToList();
        switch (ParameterSetName)
        {
            case SessionSet:
                return [.. InputObject];
            case IdSet:
                return Find(running, Id, static (session, id) => session.Id == id, static id => $"No session has the number {id}.");
            case NameSet when Name.Length > 0:
                return Find(running, Name, static (session, name) => new WildcardPattern(name, WildcardOptions.IgnoreCase).IsMatch(session.Name), static name => $"No session is named '{name}'.");
            default:
                throw new EbpfException(
                    EbpfErrorId.InvalidArgument,
                    "No session was named.",
                    running.Count > 0 ? $"These run: {Describe(running)}." : "None runs; Start-EbpfProbe starts one.",
                    target: MyInvocation.MyCommand.Name);
        }
    }

    private static string Describe(List<ProbeSession> sessions) =>
        string.Join(", ", sessions.Select(session => $"{session.Id} ({session.Name})"));

    private List<ProbeSession> Find<T>(List<ProbeSession> running, IEnumerable<T> wanted, Func<ProbeSession, T, bool> matches, Func<T, string> complaint)
    {
        List<ProbeSession> found = [];
        foreach (T one in wanted)
        {
            ProbeSession[] some = running.Where(session => matches(session, one)).ToArray();
            if (some.Length == 0 && !(one is string name && WildcardPattern.ContainsWildcardCharacters(name)))
            {
                WriteError(new EbpfException(
                    EbpfErrorId.NotFound,
                    complaint(one),
                    running.Count > 0 ? $"These run: {Describe(running)}." : "None runs; Start-EbpfProbe starts one.",
                    target: one));
            }

            found.AddRange(some.Except(found));
        }

        return found;
    }
}
