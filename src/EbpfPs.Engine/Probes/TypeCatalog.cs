using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>C types by their names.</summary>
internal static class TypeCatalog
{
    /// <summary>The kernel's types, or a module's.</summary>
    /// <exception cref="EbpfException">There is no type information of that name.</exception>
    public static (Btf Types, string Source) OfKernel(string module) => (KernelBtf.Read(module), module);

    /// <summary>The types of an object file, or of a file of raw type information.</summary>
    /// <exception cref="EbpfException">The file can't be read, or has none.</exception>
    public static (Btf Types, string Source) OfFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new EbpfException(EbpfErrorId.NotFound, $"There is no file '{path}'.", target: path);
        }

        LibBpfLog.Take();
        nint btf = LibBpf.btf__parse(path, 0);
        if (btf == 0)
        {
            LibBpfLog.Take();
            throw new EbpfException(
                EbpfErrorId.InvalidObject, $"'{path}' has no type information that can be read.", "eBPF objects get it from clang -g; raw files are such as /sys/kernel/btf/vmlinux. Those of a kernel module stand on the kernel's: -Module names one that is loaded.", target: path);
        }

        try
        {
            return (Btf.Parse(LibBpf.RawBtf(btf)), path);
        }
        finally
        {
            LibBpf.btf__free(btf);
        }
    }

    /// <summary>Types that have a name.</summary>
    /// <param name="from">Where to look.</param>
    /// <param name="isWanted">Whether a name is wanted; null for all.</param>
    /// <param name="kinds">Only these kinds; empty for all.</param>
    /// <returns>The types, those of a module without the kernel's.</returns>
    public static IEnumerable<TypeDescription> Find((Btf Types, string Source) from, Func<string, bool>? isWanted, IReadOnlyCollection<BtfKind> kinds) =>
        Enumerable.Range(from.Types.FirstOwn, from.Types.Count - from.Types.FirstOwn)
            .Where(id => IsNamed(from.Types.KindOfType(id), kinds))
            .Where(id => from.Types.NameOfType(id) is { Length: > 0 } name && (isWanted is null || isWanted(name)))
            .Select(id => new TypeDescription(from.Types, id, from.Source));

    /// <summary>Types of one name, without reading the others.</summary>
    public static IEnumerable<TypeDescription> Find((Btf Types, string Source) from, string name, IReadOnlyCollection<BtfKind> kinds) =>
        from.Types.Find(name)
            .Where(id => IsNamed(from.Types.KindOfType(id), kinds))
            .Select(id => new TypeDescription(from.Types, id, from.Source));

    private static bool IsNamed(BtfKind kind, IReadOnlyCollection<BtfKind> kinds) =>
        kinds.Count > 0 ? kinds.Contains(kind) : kind is not (BtfKind.DeclarationTag or BtfKind.TypeTag or BtfKind.Variable);
}
