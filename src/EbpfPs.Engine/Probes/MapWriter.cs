using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Sets and removes entries of a map. Disposing it closes the map.</summary>
public sealed class MapWriter : IDisposable
{
    /// <summary>BPF_ANY: whether there is such an entry or not.</summary>
    private const ulong SetOrAdd = 0;

    private readonly KernelMap _map;
    private readonly IMapSource _source;
    private readonly IDisposable? _opened;
    private readonly bool _addresses;

    internal MapWriter(KernelMap map, IMapSource source, IDisposable? opened)
    {
        _map = map;
        _source = source;
        _opened = opened;
        _addresses = LpmKey.IsAddress(map);
    }

    /// <summary>
    /// Sets an entry, or adds one. Members of a struct that the value doesn't name keep what they have; in a new entry
    /// they are 0. Every CPU of a per-CPU map gets the value. To a queue or stack it is added.
    /// </summary>
    /// <param name="key">The key; null for a queue or stack.</param>
    /// <param name="value">The value; of a map of maps, or of programs, the object or its number.</param>
    /// <exception cref="EbpfException">Key or value don't go into their types, or the kernel refused.</exception>
    public void Set(object? key, object? value)
    {
        Require(_map.Shape.WhyNotWritable, "written");
        byte[] keyBytes = KeyBytes(key);
        using FileDescriptor? reference = Reference(value);
        byte[] bytes = reference is null ? ValueBytes(keyBytes, value) : BitConverter.GetBytes(reference.Number);
        using MapLease lease = _source.Borrow();
        int result = LibBpf.bpf_map_update_elem(lease.Fd, keyBytes.Length == 0 ? default : keyBytes, bytes, SetOrAdd);
        Check(result, key, "set");
    }

    /// <summary>Takes an entry out; of a queue or stack the one whose turn it is.</summary>
    /// <param name="key">The key; null for a queue or stack.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="EbpfException">The key doesn't go into its type, or the kernel refused.</exception>
    public bool Remove(object? key)
    {
        Require(_map.Shape.WhyNotRemovable, "removed");
        byte[] keyBytes = KeyBytes(key);
        using MapLease lease = _source.Borrow();
        int result = _map.Shape.IsQueue
            ? LibBpf.bpf_map_lookup_and_delete_elem(lease.Fd, default, new byte[_map.ValueSize])
            : LibBpf.bpf_map_delete_elem(lease.Fd, keyBytes);
        if (result == -LibBpfError.ENOENT)
        {
            return false;
        }

        Check(result, key, "removed");
        return true;
    }

    /// <summary>Closes the map.</summary>
    public void Dispose() => _opened?.Dispose();

    private void Require(string obstacle, string verb)
    {
        if (obstacle.Length > 0)
        {
            throw new EbpfException(EbpfErrorId.NotSupported, $"Entries of map '{_map.Name}' can't be {verb}: {obstacle}.", "Get-EbpfMap shows the kind of each map.", target: _map.Name);
        }
    }

    private byte[] KeyBytes(object? key)
    {
        if (_map.KeySize == 0)
        {
            return key is null ? [] : throw MapEncoder.Refused("key", $"a {_map.Type} has no keys");
        }

        byte[] bytes = new byte[_map.KeySize];
        if (key is null)
        {
            throw MapEncoder.Refused("key", $"none was given, and map '{_map.Name}' has keys");
        }

        if (_addresses && LpmKey.TryEncode(key, bytes))
        {
            return bytes;
        }

        MapEncoder.Encode(_map.KeyBtf, key, bytes, "key");
        return bytes;
    }

    private byte[] ValueBytes(byte[] key, object? value)
    {
        byte[] one = new byte[_map.ValueSize];
        byte[] all = new byte[_map.Shape.EntrySize];
        if (_map.ValueBtf is BtfStruct && key.Length > 0)
        {
            // What isn't named stays as it is; a key that is not there leaves zeros.
            using MapLease lease = _source.Borrow();
            LibBpf.bpf_map_lookup_elem(lease.Fd, key, all);
        }

        if (!_map.IsPerCpu)
        {
            MapEncoder.Encode(_map.ValueBtf, value, all, "value");
            return all;
        }

        for (int cpu = 0; cpu < BpfMap.PossibleCpus; cpu++)
        {
            Span<byte> copy = all.AsSpan(cpu * _map.Shape.Stride, one.Length);
            MapEncoder.Encode(_map.ValueBtf, value, copy, "value");
        }

        return all;
    }

    /// <summary>Opens the map or program that is to be put in; null for other maps.</summary>
    private FileDescriptor? Reference(object? value)
    {
        KernelObjectKind kind = _map.Type == BpfMapType.ProgArray ? KernelObjectKind.Program : KernelObjectKind.Map;
        if (!_map.Shape.HoldsMaps && kind == KernelObjectKind.Map)
        {
            return null;
        }

        int id = value switch
        {
            KernelMap map when kind == KernelObjectKind.Map => map.Id,
            SystemProgram program when kind == KernelObjectKind.Program => program.Id,
            IConvertible number when int.TryParse(Convert.ToString(number, CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) => parsed,
            _ => throw MapEncoder.Refused("value", $"{MapEncoder.Describe(value)} is no {KernelObjects.Noun(kind)}", $"Give what Get-Ebpf{kind} shows, or its number."),
        };
        return KernelObjects.Open(kind, id);
    }

    private void Check(int result, object? key, string verb)
    {
        string entry = $"entry {MapEncoder.Describe(key)} of map '{_map.Name}'";
        switch (result)
        {
            case -LibBpfError.EPERM when IsFrozen():
                throw new EbpfException(
                    EbpfErrorId.PermissionDenied,
                    $"The {entry} can't be {verb}: the map is frozen (BPF_MAP_FREEZE), so no process can change it any more.",
                    "Constants (.rodata) are frozen when their program is loaded; set them before.",
                    LibBpfError.EPERM,
                    target: _map.Name);
            case -LibBpfError.E2BIG:
                string many = string.Create(CultureInfo.InvariantCulture, $"{_map.MaxEntries}");
                throw new EbpfException(
                    EbpfErrorId.OutOfResources,
                    _map.Type is BpfMapType.Array or BpfMapType.PerCpuArray
                        ? $"The {entry} can't be {verb}: an array of {many} entries ends at {_map.MaxEntries - 1}."
                        : $"The {entry} can't be {verb}: the map is full; {many} entries fit.",
                    "Remove-EbpfMapEntry makes room in a hash.",
                    LibBpfError.E2BIG,
                    target: _map.Name);
            default:
                LibBpfError.Check(result, $"change {entry}", _map.Name, Privileges.Bpf);
                break;
        }
    }

    private bool IsFrozen()
    {
        using MapLease lease = _source.Borrow();
        return DescriptorFacts.Read("self", lease.Fd).Number("frozen") != 0;
    }
}
