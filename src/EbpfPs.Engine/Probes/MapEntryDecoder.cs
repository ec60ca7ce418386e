using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>Makes entries of what the kernel gives, by the map's kind and types.</summary>
internal sealed class MapEntryDecoder
{
    private readonly KernelMap _map;
    private readonly bool _perCpu;
    private readonly BtfType? _key;
    private readonly BtfType? _value;
    private readonly bool _addresses;

    /// <summary>Looks at a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="perCpu">Each CPU's value by itself.</param>
    public MapEntryDecoder(KernelMap map, bool perCpu)
    {
        _map = map;
        _perCpu = perCpu;
        _key = map.KeyBtf;
        _value = map.ValueBtf;
        _addresses = LpmKey.IsAddress(map);
    }

    /// <summary>The entry; of a per-CPU map one for each CPU, if that is wanted.</summary>
    public IEnumerable<MapEntry> Decode(RawEntry raw)
    {
        object? key = Key(raw.Key);
        IReadOnlyList<KeyValuePair<string, object>> labels = key is null ? [] : _map.LabelsOf(key);
        if (!_map.IsPerCpu)
        {
            return [new MapEntry(_map.Name, _map.Id, key, MapDecoder.Decode(_value, raw.Value), null, labels)];
        }

        ReadOnlyMemory<byte>[] copies = Copies(raw.Value);
        return _perCpu
            ? copies.Select((copy, cpu) => new MapEntry(_map.Name, _map.Id, key, MapDecoder.Decode(_value, copy.Span), cpu, labels))
            : [new MapEntry(_map.Name, _map.Id, key, PerCpuSum.Combine(_value, copies), null, labels)];
    }

    private object? Key(byte[] key)
    {
        if (key.Length == 0)
        {
            return null;
        }

        return _addresses ? LpmKey.Decode(key) : MapDecoder.Decode(_key, key);
    }

    private ReadOnlyMemory<byte>[] Copies(byte[] value)
    {
        int stride = _map.Shape.Stride;
        ReadOnlyMemory<byte>[] copies = new ReadOnlyMemory<byte>[value.Length / stride];
        for (int cpu = 0; cpu < copies.Length; cpu++)
        {
            copies[cpu] = value.AsMemory(cpu * stride, _map.ValueSize);
        }

        return copies;
    }
}
