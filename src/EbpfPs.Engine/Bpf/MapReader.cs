using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>An entry as the kernel gives it.</summary>
/// <param name="Key">The key's bytes.</param>
/// <param name="Value">The value's bytes; of a per-CPU map one CPU's after the other, each filled up to 8 bytes.</param>
internal readonly record struct RawEntry(byte[] Key, byte[] Value);

/// <summary>
/// Reads all entries of a map while programs go on changing it. In batches where the kernel has them (hashes and arrays
/// since Linux 5.6, per-CPU arrays since 5.13): a batch holds a hash's bucket still, so an entry that is there all the
/// time comes exactly once. Else key by key, where the kernel starts again when the last key has gone.
/// </summary>
internal sealed class MapReader
{
    /// <summary>Bytes of a batch; there is always room for a few entries.</summary>
    private const int BatchBytes = 256 * 1024;

    private const int LeastEntries = 16;

    /// <summary>A walk that meets nothing new for so many rounds of the map has met everything.</summary>
    private const int Rounds = 2;

    /// <summary>
    /// A hash uses the place of a deleted entry again, maybe in another bucket and maybe between the two steps of the
    /// kernel's htab_map_get_next_key(), which then goes on from there. What was passed over so is met by another walk.
    /// </summary>
    private const int Walks = 2;

    private readonly IMapSource _map;
    private readonly MapShape _shape;
    private readonly int _keySize;
    private readonly int _valueSize;

    /// <summary>Looks at a map; nothing is read yet.</summary>
    public MapReader(IMapSource map)
    {
        _map = map;
        _shape = map.Shape;
        _keySize = _shape.KeySize;
        _valueSize = _shape.EntrySize;
    }

    /// <summary>Reads the entries; those that come or go meanwhile may be in or not.</summary>
    /// <param name="batches">False reads key by key in any case.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The map was unloaded meanwhile.</exception>
    public IEnumerable<RawEntry> Read(bool batches = true)
    {
        if (_shape.IsQueue)
        {
            // Without a key the kernel shows what would come out next, and leaves it in.
            return Lookup([]) is byte[] next ? [new RawEntry([], next)] : [];
        }

        return batches ? ReadBatches() : Walk();
    }

    private IEnumerable<RawEntry> ReadBatches()
    {
        bool batches = true;
        byte[]? position = null;
        int capacity = (int)Math.Min(_shape.MaxEntries, Math.Max(LeastEntries, BatchBytes / (_keySize + _valueSize)));
        List<RawEntry> read = [];
        bool more = true;
        while (more)
        {
            int result = NextBatch(ref position, capacity, read, out more);
            if (result == -LibBpfError.ENOSPC)
            {
                // A bucket of the hash has more entries than there is room for.
                capacity *= 2;
            }
            else if (position is null && IsUnknown(result))
            {
                batches = false;
                more = false;
            }
            else if (result != -LibBpfError.EINTR && result != -LibBpfError.ENOENT)
            {
                LibBpfError.Check(result, $"read map '{_shape.Name}'", _shape.Name);
            }

            foreach (RawEntry entry in read)
            {
                yield return entry;
            }
        }

        if (!batches)
        {
            foreach (RawEntry entry in Walk())
            {
                yield return entry;
            }
        }
    }

    /// <summary>What kernels say to a command, or to a kind of map, that their batches don't know.</summary>
    private static bool IsUnknown(int result) =>
        result is -LibBpfError.EINVAL or -LibBpfError.ENOTSUPP or -LibBpfError.EOPNOTSUPP;

    private int NextBatch(ref byte[]? position, int capacity, List<RawEntry> read, out bool more)
    {
        byte[] keys = new byte[capacity * _keySize];
        byte[] values = new byte[capacity * _valueSize];

        // For a hash the position is the number of a bucket, for an array a key.
        byte[] next = new byte[Math.Max(sizeof(ulong), _keySize)];
        uint count = (uint)capacity;
        int result;
        using (MapLease lease = _map.Borrow())
        {
            result = LibBpf.bpf_map_lookup_batch(lease.Fd, position, next, keys, values, ref count, 0);
        }

        read.Clear();
        more = result != -LibBpfError.ENOENT;
        if (result == 0 || result == -LibBpfError.ENOENT)
        {
            for (int i = 0; i < count; i++)
            {
                read.Add(new RawEntry(
                    keys.AsSpan(i * _keySize, _keySize).ToArray(),
                    values.AsSpan(i * _valueSize, _valueSize).ToArray()));
            }

            position = next;
        }

        return result;
    }

    private IEnumerable<RawEntry> Walk()
    {
        HashSet<byte[]> seen = new(KeyComparer.Instance);
        byte[]? key = null;
        long nothingNew = 0;
        int walks = 0;
        while (nothingNew <= Rounds * _shape.MaxEntries && walks < Walks)
        {
            key = NextKey(key);
            if (key is not byte[] next)
            {
                walks++;
                continue;
            }

            if (!seen.Add(next))
            {
                nothingNew++;
                continue;
            }

            nothingNew = 0;
            if (Lookup(next) is byte[] value)
            {
                yield return new RawEntry(next, value);
            }
        }
    }

    private byte[]? NextKey(byte[]? key)
    {
        byte[] next = new byte[_keySize];
        using MapLease lease = _map.Borrow();
        int result = LibBpf.bpf_map_get_next_key(lease.Fd, key, next);
        return result == -LibBpfError.ENOENT || LibBpfError.Check(result, $"read map '{_shape.Name}'", _shape.Name) != 0 ? null : next;
    }

    /// <summary>A value, or null when its key has gone since it was found.</summary>
    private byte[]? Lookup(byte[] key)
    {
        byte[] value = new byte[_valueSize];
        using MapLease lease = _map.Borrow();
        int result = LibBpf.bpf_map_lookup_elem(lease.Fd, key.Length == 0 ? default : key, value);
        return result == -LibBpfError.ENOENT || LibBpfError.Check(result, $"read map '{_shape.Name}'", _shape.Name) != 0 ? null : value;
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key)
        {
            HashCode hash = default;
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
