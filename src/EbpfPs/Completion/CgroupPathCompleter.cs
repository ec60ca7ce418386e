using System.Collections;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>Cgroups, one level of the hierarchy at a time.</summary>
public sealed class CgroupPathCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        if (Cgroups.MountPoint is null)
        {
            yield break;
        }

        string path = Cgroups.PathInHierarchy(word);
        bool inside = word.EndsWith('/') || word.Length == 0;
        string parent = inside ? path : Path.GetDirectoryName(path) ?? "/";
        foreach (string folder in Directory.EnumerateDirectories(Cgroups.FolderOf(parent)).Order(StringComparer.Ordinal))
        {
            string child = Cgroups.PathInHierarchy(folder);
            yield return new Candidate(child, TerminalText.Escape(Path.GetFileName(folder)), TerminalText.Escape(folder));
        }
    }

    private protected override bool IsMatch(Candidate candidate, string word) =>
        candidate.Value.StartsWith(Cgroups.PathInHierarchy(word), StringComparison.Ordinal);
}
