using System.Collections;
using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>Types of the kernel, by name.</summary>
public sealed class TypeNameCompleter : LiveCompleter
{
    private const int MostTypes = 500;

    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        TypeCatalog.Find(TypeCatalog.OfKernel(KernelBtf.Kernel), name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase), [])
            .Take(MostTypes)
            .GroupBy(type => type.Name)
            .Select(same => new Candidate(same.Key, same.Key, string.Join("; ", same.Select(Describe).Distinct())));

    private static string Describe(TypeDescription type) => type.Kind == BtfKind.Function
        ? type.Definition
        : string.Create(CultureInfo.InvariantCulture, $"{type.Kind} of {type.Size} bytes");
}

/// <summary>Modules that have types of their own.</summary>
public sealed class ModuleCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        KernelBtf.Modules.Select(name => new Candidate(name, name, $"types of module {name}"));
}
