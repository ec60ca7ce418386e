using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>Type information that is in the kernel, by its number; each is read once.</summary>
internal sealed class BtfCatalog
{
    private readonly Dictionary<int, Btf?> _known = [];

    /// <summary>The types with a number.</summary>
    /// <returns>Null for 0, and where they have gone, can't be parsed, or may not be read: names and types are then left out.</returns>
    public Btf? Find(int id)
    {
        if (id == 0)
        {
            return null;
        }

        lock (_known)
        {
            if (!_known.TryGetValue(id, out Btf? found))
            {
                found = Read(id);
                _known[id] = found;
            }

            return found;
        }
    }

    private static Btf? Read(int id)
    {
        try
        {
            using FileDescriptor? descriptor = KernelObjects.TryOpen(KernelObjectKind.Btf, id);
            if (descriptor is null)
            {
                return null;
            }

            (bool isKernel, string name, _) = ObjectInfo.Types(descriptor.Number, withRaw: false);
            return isKernel ? KernelBtf.Read(name) : Btf.Parse(ObjectInfo.Types(descriptor.Number, withRaw: true).Raw);
        }
        catch (EbpfException error) when (error.Id is EbpfErrorId.PermissionDenied or EbpfErrorId.InvalidObject or EbpfErrorId.NotFound)
        {
            // What is told of a map or program without it is still right.
            return null;
        }
    }
}
