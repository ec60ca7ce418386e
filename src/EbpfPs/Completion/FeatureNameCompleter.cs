using System.Collections;
using EbpfPs.Bpf;

namespace EbpfPs.Completion;

/// <summary>The features that Test-EbpfSupport looks for.</summary>
public sealed class FeatureNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        KernelFeatures.Descriptions.Select(one => new Candidate(one.Key, one.Key, one.Value));
}
