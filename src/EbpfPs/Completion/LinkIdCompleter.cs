using System.Collections;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The links of the kernel, by number.</summary>
public sealed class LinkIdCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        LinkCatalog.Quickly().Select(link =>
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"{link.Id}");
            string text = TerminalText.Escape(link.ToString());
            return new Candidate(id, $"{id}  {text}", $"{link.Type} {link.AttachType} {text}");
        });
}
