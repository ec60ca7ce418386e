using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A map of a session: what it is, and its entries as objects.</summary>
public sealed class SessionMap
{
    /// <summary>The key of an array, whose type libbpf leaves out for sections with variables.</summary>
    private static readonly BtfInteger _index = new("u32", sizeof(uint), IsSigned: false, IsBool: false, IsChar: false, 0, 32);

    private readonly BpfMap _map;
    private readonly BtfType? _keyType;
    private readonly BtfType? _valueType;
    private readonly Func<string, object, IReadOnlyList<KeyValuePair<string, object>>> _labelsOf;

    internal SessionMap(ProbeSession session, string probe, BpfObject obj, BpfMap map, ProbeSpec? spec)
    {
        _map = map;
        _labelsOf = spec is null ? (_, _) => [] : spec.LabelsOf;
        Session = session;
        Probe = probe;
        Name = map.Name;
        Type = map.Type;
        IsPerCpu = map.IsPerCpu;
        KeySize = map.KeySize;
        ValueSize = map.ValueSize;
        MaxEntries = map.MaxEntries;
        Id = map.ReadId();
        WhyNotReadable = map.WhyNotReadable;
        _keyType = TypeOf(obj.Btf, map.KeyTypeId, KeySize)
            ?? (Type is BpfMapType.Array or BpfMapType.PerCpuArray ? _index : null);
        _valueType = TypeOf(obj.Btf, map.ValueTypeId, ValueSize);
    }

    /// <summary>The session.</summary>
    public ProbeSession Session { get; }

    /// <summary>The probe whose object it belongs to; the first of the session for a map that all share.</summary>
    public string Probe { get; }

    /// <summary>Its name in the source; a section with global variables is called after the object and itself.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public BpfMapType Type { get; }

    /// <summary>The type of its keys as C writes it; empty where nothing is known of it.</summary>
    public string KeyType => _keyType?.Text ?? "";

    /// <summary>The type of its values as C writes it; empty where nothing is known of it.</summary>
    public string ValueType => _valueType?.Text ?? "";

    /// <summary>Bytes of a key.</summary>
    public int KeySize { get; }

    /// <summary>Bytes of a value; for a per-CPU map, of one CPU's.</summary>
    public int ValueSize { get; }

    /// <summary>How many entries fit; for a ring, its bytes.</summary>
    public int MaxEntries { get; }

    /// <summary>The kernel's number of the map.</summary>
    public int Id { get; }

    /// <summary>Whether each CPU has a value of its own under every key.</summary>
    public bool IsPerCpu { get; }

    /// <summary>Why its entries can't be read; empty where they can.</summary>
    public string WhyNotReadable { get; }

    /// <summary>
    /// Reads the entries, in no order, while programs go on changing them: those that come or go meanwhile may be in or
    /// not, and a value is not one moment's where a program writes to it just then.
    /// </summary>
    /// <param name="perCpu">Each CPU's value of a per-CPU map by itself; else they come as one (see the module's help for how).</param>
    /// <exception cref="EbpfException">The kind of map has no entries to read, the kernel refused, or the session was stopped.</exception>
    public IEnumerable<MapEntry> Entries(bool perCpu = false)
    {
        if (WhyNotReadable.Length > 0)
        {
            throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"The entries of map '{Name}' can't be read: {WhyNotReadable}.",
                "Get-EbpfMap shows the kind of each map; hashes and arrays can be read.",
                target: Name);
        }

        return Read(perCpu);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static BtfType? TypeOf(Btf btf, int id, int size)
    {
        // A type that doesn't fit the map is none of its keys or values.
        BtfType? type = id == 0 ? null : btf.TypeOf(id);
        return type is null or BtfOpaque || type.Size > size ? null : type;
    }

    private IEnumerable<MapEntry> Read(bool perCpu)
    {
        using IEnumerator<RawEntry> entries = new MapReader(_map).Read().GetEnumerator();
        while (MoveNext(entries))
        {
            object key = MapDecoder.Decode(_keyType, entries.Current.Key);
            IReadOnlyList<KeyValuePair<string, object>> labels = _labelsOf(Name, key);
            if (!IsPerCpu)
            {
                yield return new MapEntry(Name, key, MapDecoder.Decode(_valueType, entries.Current.Value), null, labels);
                continue;
            }

            ReadOnlyMemory<byte>[] copies = Copies(entries.Current.Value);
            if (!perCpu)
            {
                yield return new MapEntry(Name, key, PerCpuSum.Combine(_valueType, copies), null, labels);
                continue;
            }

            for (int cpu = 0; cpu < copies.Length; cpu++)
            {
                yield return new MapEntry(Name, key, MapDecoder.Decode(_valueType, copies[cpu].Span), cpu, labels);
            }
        }
    }

    private ReadOnlyMemory<byte>[] Copies(byte[] value)
    {
        // The kernel fills each copy up to 8 bytes.
        int stride = (ValueSize + 7) / 8 * 8;
        ReadOnlyMemory<byte>[] copies = new ReadOnlyMemory<byte>[value.Length / stride];
        for (int cpu = 0; cpu < copies.Length; cpu++)
        {
            copies[cpu] = value.AsMemory(cpu * stride, ValueSize);
        }

        return copies;
    }

    private bool MoveNext(IEnumerator<RawEntry> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (ObjectDisposedException)
        {
            throw ProbeSession.MapsAreGone(Session);
        }
    }
}
