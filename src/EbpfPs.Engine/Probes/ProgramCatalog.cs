using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>The programs of the whole system.</summary>
public static class ProgramCatalog
{
    private static readonly ObjectCatalog<SystemProgram> _catalog = new(KernelObjectKind.Program, (program, listing) => new SystemProgram(program, listing));

    /// <summary>All programs that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemProgram> All() => _catalog.List(new SystemListing());

    /// <summary>All of them, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemProgram> Quickly() => _catalog.List(new SystemListing(whole: false));

    /// <summary>A program by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemProgram Find(int id, SystemListing listing) => _catalog.Find(id, listing);

    /// <summary>The program that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemProgram Pinned(string path, SystemListing listing) => _catalog.Pinned(path, listing);
}
