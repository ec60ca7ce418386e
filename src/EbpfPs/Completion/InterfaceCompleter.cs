using System.Collections;

namespace EbpfPs.Completion;

/// <summary>The network interfaces of this network namespace.</summary>
public sealed class InterfaceCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        Directory.EnumerateFileSystemEntries("/sys/class/net").Select(path =>
        {
            string name = Path.GetFileName(path);
            return new Candidate(name, name, $"{name}: {File.ReadAllText(Path.Combine(path, "operstate")).Trim()}, {File.ReadAllText(Path.Combine(path, "address")).Trim()}");
        });
}
