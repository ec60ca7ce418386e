using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>The kernel's objects of one kind: all of them, by number, by the path that one is pinned at.</summary>
/// <param name="kind">The kind.</param>
/// <param name="describe">Tells of an open one, which is closed after it.</param>
internal sealed class ObjectCatalog<T>(KernelObjectKind kind, Func<FileDescriptor, SystemListing, T> describe)
    where T : class
{
    /// <summary>All that are in the kernel, by their numbers.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public IEnumerable<T> List(SystemListing listing)
    {
        foreach (int id in KernelObjects.Ids(kind))
        {
            T? found = null;
            using (FileDescriptor? one = KernelObjects.TryOpen(kind, id))
            {
                found = one is null ? null : describe(one, listing);
            }

            if (found is not null)
            {
                yield return found;
            }
        }
    }

    /// <summary>One by its number.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    public T Find(int id, SystemListing listing)
    {
        using FileDescriptor one = KernelObjects.Open(kind, id);
        return describe(one, listing);
    }

    /// <summary>The one that is pinned at a path.</summary>
    /// <exception cref="EbpfException">There is none, or the kernel refused.</exception>
    public T Pinned(string path, SystemListing listing)
    {
        using FileDescriptor one = Pins.Open(path, kind);
        return describe(one, listing);
    }
}
