using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>A map in the kernel: what it is, and its entries as objects.</summary>
public abstract class KernelMap
{
    /// <summary>A type that a map's values can have without saying so: the numbers of other objects, an array's keys.</summary>
    private static readonly BtfInteger _u32 = new("u32", sizeof(uint), IsSigned: false, IsBool: false, IsChar: false, 0, 32);

    private static readonly BtfInteger _u64 = new("u64", sizeof(ulong), IsSigned: false, IsBool: false, IsChar: false, 0, 64);

    private readonly MapShape _shape;
    private readonly Lazy<(BtfType? Key, BtfType? Value)> _types;

    private protected KernelMap(MapShape shape, in LibBpf.MapInfo info, IReadOnlyDictionary<string, string> facts, Func<(BtfType? Key, BtfType? Value)> types)
    {
        _shape = shape;
        _types = new(() => Fit(types()));
        Id = (int)info.Id;
        Flags = (BpfMapFlags)info.Flags;
        BtfId = (int)info.BtfId;
        IsFrozen = facts.Number("frozen") != 0;
        LockedMemory = facts.Number("memlock");
    }

    /// <summary>The kernel's number of the map.</summary>
    public int Id { get; }

    /// <summary>
    /// Its name: of a session's map the one in the source (a section with global variables is called after the object and
    /// itself); of any other the 15 bytes that the kernel keeps of it.
    /// </summary>
    public string Name => _shape.Name;

    /// <summary>Its kind.</summary>
    public BpfMapType Type => _shape.Type;

    /// <summary>The type of its keys as C writes it; empty where nothing is known of it.</summary>
    public string KeyType => _types.Value.Key?.Text ?? "";

    /// <summary>The type of its values as C writes it; empty where nothing is known of it.</summary>
    public string ValueType => _types.Value.Value?.Text ?? "";

    /// <summary>Bytes of a key.</summary>
    public int KeySize => _shape.KeySize;

    /// <summary>Bytes of a value; for a per-CPU map, of one CPU's.</summary>
    public int ValueSize => _shape.ValueSize;

    /// <summary>How many entries fit; for a ring, its bytes.</summary>
    public long MaxEntries => _shape.MaxEntries;

    /// <summary>How it was made.</summary>
    public BpfMapFlags Flags { get; }

    /// <summary>Whether each CPU has a value of its own under every key.</summary>
    public bool IsPerCpu => _shape.IsPerCpu;

    /// <summary>Whether no process can change it any more (BPF_MAP_FREEZE); programs may.</summary>
    public bool IsFrozen { get; }

    /// <summary>Bytes of memory that the kernel counts for it.</summary>
    public long LockedMemory { get; }

    /// <summary>The kernel's number of the type information that its types are from; 0 where it has none.</summary>
    public int BtfId { get; }

    /// <summary>The processes that hold it open.</summary>
    public ObjectList<ObjectOwner> Owner { get; private protected init; } = new([]);

    /// <summary>The paths that it is pinned at.</summary>
    public ObjectList<string> PinnedPath { get; private protected init; } = new([]);

    /// <summary>Why its entries can't be read; empty where they can.</summary>
    public string WhyNotReadable => _shape.WhyNotReadable;

    internal MapShape Shape => _shape;

    internal BtfType? KeyBtf => _types.Value.Key;

    internal BtfType? ValueBtf => _types.Value.Value;

    /// <summary>
    /// Reads the entries, in no order, while programs go on changing them: those that come or go meanwhile may be in or
    /// not, and a value is not one moment's where a program writes to it just then. Of a queue or stack it is the one that
    /// would come out next.
    /// </summary>
    /// <param name="perCpu">Each CPU's value of a per-CPU map by itself; else they come as one (see the module's help for how).</param>
    /// <exception cref="EbpfException">The kind of map has no entries to read, the kernel refused, or the map has gone.</exception>
    public IEnumerable<MapEntry> Entries(bool perCpu = false)
    {
        if (WhyNotReadable.Length > 0)
        {
            throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"The entries of map '{Name}' can't be read: {WhyNotReadable}.",
                "Get-EbpfMap shows the kind of each map; hashes, arrays, tries, queues and stacks can be read.",
                target: Name);
        }

        return Read(perCpu);
    }

    /// <summary>What its slots count, where its types tell that it is a histogram; else null.</summary>
    public HistogramKind? HistogramKind => HistogramReader.KindOf(KeyBtf, ValueBtf);

    /// <summary>Reads a map whose entries are slots as histograms, each an entry whose value is a <see cref="Histogram"/> or <see cref="NumberHistogram"/>.</summary>
    /// <param name="kind">What its slots count.</param>
    /// <param name="unitNs">What was counted, in nanoseconds: 1000 for microseconds; null where it is no time.</param>
    /// <param name="perCpu">Each CPU's of a per-CPU map by itself.</param>
    /// <exception cref="EbpfException">Its entries can't be slots, or can't be read.</exception>
    public IEnumerable<MapEntry> Histograms(HistogramKind kind, long? unitNs = null, bool perCpu = false) =>
        new HistogramReader(this, kind, unitNs).Read(perCpu);

    /// <summary>Opens the map for changes.</summary>
    /// <exception cref="EbpfException">The map has gone, or the kernel refused.</exception>
    public MapWriter OpenWriter()
    {
        IMapSource source = Open(out IDisposable? opened);
        return new MapWriter(this, source, opened);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>What a key means, by name.</summary>
    internal virtual IReadOnlyList<KeyValuePair<string, object>> LabelsOf(object key) => [];

    /// <summary>Opens the map for a while.</summary>
    /// <param name="opened">What to close after it; null where it stays open.</param>
    /// <exception cref="EbpfException">It has gone.</exception>
    private protected abstract IMapSource Open(out IDisposable? opened);

    /// <summary>The exception for a map that was closed meanwhile.</summary>
    private protected abstract EbpfException Gone();

    private (BtfType? Key, BtfType? Value) Fit((BtfType? Key, BtfType? Value) found)
    {
        // A type that doesn't fit the map is none of its keys or values.
        BtfType? key = found.Key is null or BtfOpaque || found.Key.Size > KeySize ? null : found.Key;
        BtfType? value = found.Value is null or BtfOpaque || found.Value.Size > ValueSize ? null : found.Value;
        if (KeySize == sizeof(uint) && Type is BpfMapType.Array or BpfMapType.PerCpuArray or BpfMapType.ArrayOfMaps or BpfMapType.ProgArray or BpfMapType.StackTrace)
        {
            // libbpf leaves it out for sections with variables.
            key ??= _u32;
        }

        value = Type switch
        {
            BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps or BpfMapType.ProgArray => _u32,
            BpfMapType.StackTrace when value is null && !Flags.HasFlag(BpfMapFlags.StackBuildId) && ValueSize % sizeof(ulong) == 0 =>
                new BtfArray($"u64[{ValueSize / sizeof(ulong)}]", _u64, ValueSize / sizeof(ulong)),
            _ => value,
        };
        return (key, value);
    }

    private IEnumerable<MapEntry> Read(bool perCpu)
    {
        IMapSource source = Open(out IDisposable? opened);
        using (opened)
        {
            MapEntryDecoder decoder = new(this, perCpu);
            using IEnumerator<RawEntry> entries = new MapReader(source).Read(_shape.HasBatches).GetEnumerator();
            while (MoveNext(entries))
            {
                foreach (MapEntry entry in decoder.Decode(entries.Current))
                {
                    yield return entry;
                }
            }
        }
    }

    private bool MoveNext(IEnumerator<RawEntry> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (ObjectDisposedException)
        {
            throw Gone();
        }
    }
}
