using System.Collections;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The maps of the kernel, by number.</summary>
public sealed class MapIdCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        MapCatalog.Quickly().Select(map =>
        {
            string id = map.Id.ToString(CultureInfo.InvariantCulture);
            string name = TerminalText.Escape(map.Name);
            return new Candidate(id, $"{id}  {name}", $"{name}: {MapNameCompleter.Describe(map)}");
        });
}
