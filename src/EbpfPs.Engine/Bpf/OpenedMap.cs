using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A map that was opened by its number or by the path it is pinned at. Disposing it closes it.</summary>
internal sealed class OpenedMap : IMapSource, IDisposable
{
    private readonly FileDescriptor _descriptor;

    /// <summary>Takes over a descriptor of a map.</summary>
    /// <exception cref="EbpfException">It is none of a map.</exception>
    public OpenedMap(FileDescriptor descriptor, string what)
    {
        _descriptor = descriptor;
        Info = ObjectInfo.Map(descriptor.Number, what);
        Shape = ShapeOf(Info);
    }

    /// <summary>What the kernel says of it.</summary>
    public LibBpf.MapInfo Info { get; }

    /// <inheritdoc/>
    public MapShape Shape { get; }

    /// <summary>Opens a map by its number.</summary>
    /// <exception cref="EbpfException">There is no such map, or the kernel refused.</exception>
    public static OpenedMap ById(int id) =>
        Of(KernelObjects.Open(KernelObjectKind.Map, id), $"map {id}");

    /// <summary>Takes over a descriptor; closes it where that fails.</summary>
    public static OpenedMap Of(FileDescriptor descriptor, string what)
    {
        try
        {
            return new OpenedMap(descriptor, what);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public MapLease Borrow() => new(_descriptor, () => _descriptor.Number);

    /// <summary>What the kernel writes about the descriptor in proc: <c>memlock</c>, <c>frozen</c>.</summary>
    public IReadOnlyDictionary<string, string> Facts() => DescriptorFacts.Read("self", _descriptor.Number);

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();

    private static MapShape ShapeOf(in LibBpf.MapInfo info) => new(
        KernelObjects.Text(info.Name),
        (BpfMapType)info.Type,
        (int)info.KeySize,
        (int)info.ValueSize,
        info.MaxEntries);
}
