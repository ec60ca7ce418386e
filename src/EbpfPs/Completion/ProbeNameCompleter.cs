using System.Collections;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The built-in probes.</summary>
public sealed class ProbeNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        ProbeCatalog.All.Select(probe => new Candidate(probe.Name, probe.Name, probe.Description));
}
