using System.Collections;
using System.Globalization;
using EbpfPs.Events;

namespace EbpfPs.Completion;

/// <summary>Process numbers; what was typed may also be the start of the process's name.</summary>
public sealed class ProcessIdCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        foreach ((int id, string name) in LiveProcesses.All())
        {
            string number = id.ToString(CultureInfo.InvariantCulture);
            if (number.StartsWith(word, StringComparison.Ordinal) || name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                yield return new Candidate(number, $"{number}  {TerminalText.Escape(name)}", LiveProcesses.CommandLine(id, name));
            }
        }
    }

    private protected override bool IsMatch(Candidate candidate, string word) => true;
}
