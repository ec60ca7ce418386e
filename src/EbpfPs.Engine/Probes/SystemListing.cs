using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// What a list of the kernel's objects is told from, looked at once and before any object is opened: else this process
/// would be among the holders of all of them.
/// </summary>
internal sealed class SystemListing
{
    private readonly ObjectHolders? _holders;
    private readonly PinnedObjects? _pins;

    /// <summary>Looks.</summary>
    /// <param name="whole">False leaves out who holds what and where it is pinned, which takes longest.</param>
    public SystemListing(bool whole = true)
    {
        _holders = whole ? new ObjectHolders() : null;
        _pins = whole ? new PinnedObjects() : null;
    }

    /// <summary>Type information.</summary>
    public BtfCatalog Types { get; } = new();

    /// <summary>From the kernel's clock to Unix time.</summary>
    public BootClock Clock { get; } = new();

    /// <summary>Names of programs that were asked for.</summary>
    public Dictionary<int, string> ProgramNames { get; } = [];

    /// <summary>The perf events that processes hold.</summary>
    public IEnumerable<(ObjectOwner Owner, int Fd)> PerfEvents => _holders?.PerfEvents ?? [];

    /// <summary>Who holds an object.</summary>
    public ObjectList<ObjectOwner> OwnersOf(KernelObjectKind kind, int id) => _holders?.Of(kind, id) ?? new([]);

    /// <summary>Where it is pinned.</summary>
    public ObjectList<string> PathsOf(KernelObjectKind kind, int id) => _pins?.Of(kind, id) ?? new([]);
}
