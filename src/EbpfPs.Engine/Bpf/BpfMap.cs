using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A map of a loaded object.</summary>
public sealed partial class BpfMap
{
    private readonly BpfObject _owner;
    private readonly nint _map;
    private readonly DeclaredMap? _declared;

    internal BpfMap(BpfObject owner, nint map)
    {
        _owner = owner;
        _map = map;
        _declared = owner.Replaced.GetValueOrDefault(map);
        Name = _declared?.Name ?? BpfObject.Text(LibBpf.bpf_map__name(map));
    }

    /// <summary>The map's name in the source.</summary>
    public string Name { get; }

    /// <summary>Bytes of a key.</summary>
    public int KeySize => (int)LibBpf.bpf_map__key_size(_map);

    /// <summary>Bytes of a value; for a per-CPU map, of one CPU's.</summary>
    public int ValueSize => (int)LibBpf.bpf_map__value_size(_map);

    /// <summary>How many entries fit; for a ring, its bytes.</summary>
    public int MaxEntries => (int)LibBpf.bpf_map__max_entries(_map);

    /// <summary>How many CPUs a per-CPU value has a copy for (those that are possible, not those online).</summary>
    /// <exception cref="EbpfException">The system doesn't tell now; another time it may, so no failure is kept. libbpf keeps the number.</exception>
    public static int PossibleCpus => LibBpfError.Check(LibBpf.libbpf_num_possible_cpus(), "count the possible CPUs");

    internal int Fd => LibBpf.bpf_map__fd(_map);

    /// <summary>Sets an entry.</summary>
    /// <exception cref="EbpfException">The kernel refused: E2BIG when the map is full.</exception>
    public void Update<TKey, TValue>(TKey key, TValue value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        RequireSizes(Unsafe.SizeOf<TKey>(), Unsafe.SizeOf<TValue>());
        LibBpfError.Check(LibBpf.bpf_map_update_elem(Fd, Bytes(ref key), Bytes(ref value), 0), $"write to map '{Name}'", Name);
        GC.KeepAlive(_owner);
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="EbpfException">The kernel refused: EINVAL for arrays, whose entries are always there.</exception>
    public bool Delete<TKey>(TKey key)
        where TKey : unmanaged
    {
        RequireSizes(Unsafe.SizeOf<TKey>(), ValueSize);
        int result = LibBpf.bpf_map_delete_elem(Fd, Bytes(ref key));
        GC.KeepAlive(_owner);
        return result != -LibBpfError.ENOENT && LibBpfError.Check(result, $"delete from map '{Name}'", Name) == 0;
    }

    /// <summary>Reads the copies of a per-CPU value.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="values">One for each possible CPU; the kernel pads a value to 8 bytes, so its size must be a multiple.</param>
    /// <exception cref="EbpfException">The kernel refused: ENOENT when there is no such entry.</exception>
    public void ReadPerCpu<TKey, TValue>(TKey key, Span<TValue> values)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        RequireSizes(Unsafe.SizeOf<TKey>(), Unsafe.SizeOf<TValue>());
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, PossibleCpus);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Unsafe.SizeOf<TValue>() % 8, 0);
        int result = LibBpf.bpf_map_lookup_elem(Fd, Bytes(ref key), MemoryMarshal.AsBytes(values));
        LibBpfError.Check(result, $"read map '{Name}'", Name);
        GC.KeepAlive(_owner);
    }

    /// <summary>Whether the map has no entry.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public bool IsEmpty()
    {
        int result = LibBpf.bpf_map_get_next_key(Fd, default, new byte[KeySize]);
        GC.KeepAlive(_owner);
        return result == -LibBpfError.ENOENT || LibBpfError.Check(result, $"read map '{Name}'", Name) < 0;
    }

    private static ReadOnlySpan<byte> Bytes<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value));

    private void RequireSizes(int key, int value, [CallerMemberName] string caller = "")
    {
        if (key != KeySize || value != ValueSize)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"{caller}: map '{Name}' has keys of {KeySize} and values of {ValueSize} bytes, not {key} and {value}.",
                target: Name);
        }
    }
}
