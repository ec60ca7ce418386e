using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Finds the sessions that run by name or number; what is not there is reported, and the search goes on.</summary>
/// <param name="report">Takes a failure that concerns one name or number.</param>
internal sealed class SessionSearch(Action<EbpfException> report)
{
    private readonly List<ProbeSession> _running = SessionRegistry.Running.ToList();

    /// <summary>What runs, for an error's advice.</summary>
    public string Advice => _running.Count > 0
        ? $"These run: {string.Join(", ", _running.Select(session => $"{session.Id} ({session.Name})"))}."
        : "None runs; Start-EbpfProbe starts one.";

    /// <summary>All that run.</summary>
    public IReadOnlyList<ProbeSession> All => _running;

    /// <summary>Sessions by number, each once.</summary>
    public List<ProbeSession> ById(IEnumerable<int> ids) =>
        Find(ids, static (session, id) => session.Id == id, static _ => false, static id => $"No session has the number {id}.");

    /// <summary>Sessions by name, each once; a wildcard may find none.</summary>
    /// <exception cref="EbpfException">A name is a malformed wildcard.</exception>
    public List<ProbeSession> ByName(IEnumerable<string> names)
    {
        Dictionary<string, WildcardPattern> patterns = names.Distinct().ToDictionary(name => name, NamePattern.Of);
        return Find(
            patterns.Keys,
            (session, name) => patterns[name].IsMatch(session.Name),
            WildcardPattern.ContainsWildcardCharacters,
            static name => $"No session is named '{name}'.");
    }

    private List<ProbeSession> Find<T>(IEnumerable<T> wanted, Func<ProbeSession, T, bool> matches, Func<T, bool> mayBeNone, Func<T, string> complaint)
    {
        List<ProbeSession> found = [];
        foreach (T one in wanted)
        {
            ProbeSession[] some = _running.Where(session => matches(session, one)).ToArray();
            if (some.Length == 0 && !mayBeNone(one))
            {
                report(new EbpfException(EbpfErrorId.NotFound, complaint(one), Advice, target: one));
            }

            found.AddRange(some.Except(found));
        }

        return found;
    }
}
