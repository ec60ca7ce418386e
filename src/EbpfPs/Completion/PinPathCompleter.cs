using System.Collections;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>Everything that is pinned, by path.</summary>
public sealed class PinPathCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        new PinnedObjects().All().Select(pin =>
            new Candidate(pin.Path, TerminalText.Escape(System.IO.Path.GetFileName(pin.Path)), TerminalText.Escape(pin.ToString())));
}
