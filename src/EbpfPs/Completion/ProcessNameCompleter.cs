using System.Collections;
using System.Management.Automation;
using EbpfPs.Events;

namespace EbpfPs.Completion;

/// <summary>Names of the processes that run.</summary>
public sealed class ProcessNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        LiveProcesses.All()
            .GroupBy(process => process.Name)
            .OrderBy(same => same.Key, StringComparer.OrdinalIgnoreCase)
            .Select(same => new Candidate(
                WildcardPattern.Escape(same.Key),
                TerminalText.Escape(same.Key),
                $"{TerminalText.Escape(same.Key)}: process {string.Join(", ", same.Select(process => process.Id).Order().Take(8))}"));
}
