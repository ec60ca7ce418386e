using System.Collections;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The sessions that run, by name; after -ListAvailable the probes that there are.</summary>
public sealed class SessionNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        bound.Contains("ListAvailable")
            ? ProbeCatalog.All.Select(probe => new Candidate(probe.Name, probe.Name, probe.Description))
            : SessionRegistry.Running
                .GroupBy(session => session.Name)
                .Select(same => new Candidate(same.Key, same.Key, string.Join(", ", same.Select(SessionIdCompleter.Describe))));
}
