using System.Collections;

namespace EbpfPs.Completion;

/// <summary>The users of /etc/passwd. Those of a directory service can be typed.</summary>
public sealed class UserNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length >= 5)
            .Select(fields => new Candidate(fields[0], fields[0], $"uid {fields[2]} {fields[4].TrimEnd(',')}".TrimEnd()));
}
