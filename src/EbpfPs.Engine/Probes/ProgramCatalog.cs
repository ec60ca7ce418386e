using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The programs of the whole system.</summary>
public static class ProgramCatalog
{
    /// <summary>All programs that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<SystemProgram> All() => List(new SystemListing());

    /// <summary>All of them, without who holds them and where they are pinned: quick enough for a Tab.</summary>
    internal static IEnumerable<SystemProgram> Quickly() => List(new SystemListing(whole: false));

    /// <summary>A program by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemProgram Find(int id, SystemListing listing)
    {
        using FileDescriptor program = KernelObjects.Open(KernelObjectKind.Program, id);
        return new SystemProgram(program, listing);
    }

    /// <summary>The program that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    internal static SystemProgram Pinned(string path, SystemListing listing)
    {
        using FileDescriptor program = Pins.Open(path, KernelObjectKind.Program);
        return new SystemProgram(program, listing);
    }

    private static IEnumerable<SystemProgram> List(SystemListing listing)
    {
        foreach (int id in KernelObjects.Ids(KernelObjectKind.Program))
        {
            SystemProgram? found;
            using (FileDescriptor? program = KernelObjects.TryOpen(KernelObjectKind.Program, id))
            {
                found = program is null ? null : new SystemProgram(program, listing);
            }

            if (found is not null)
            {
                yield return found;
            }
        }
    }
}
