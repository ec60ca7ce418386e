using System.Collections;
using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The syscalls of this machine, with what they take.</summary>
public sealed class SyscallCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        // The kernel's formats are files: only those are read that the word may end as.
        WildcardPattern pattern = new(word + "*", WildcardOptions.IgnoreCase);
        return SyscallCatalog.Names
            .Where(pattern.IsMatch)
            .Select(name => new Candidate(name, name, SyscallCatalog.Signature(name)));
    }
}
