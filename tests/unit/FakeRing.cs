using System.Runtime.InteropServices;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>
/// A ring as kernel/bpf/ringbuf.c keeps it, in plain memory: two positions, and data that is mapped twice in a
/// row. The writer's side is written here from the kernel's source, not from the reader that it tests.
/// </summary>
internal sealed unsafe partial class FakeRing : IDisposable
{
    private const uint Busy = 1u << 31;
    private const uint Discard = 1u << 30;
    private const int ProtReadWrite = 3;
    private const int MapShared = 1;
    private const int MapPrivateAnonymous = 0x22;
    private const int MapFixed = 0x10;

    private readonly byte* _data;
    private readonly long* _positions;

    public FakeRing(int size, long start = 0)
    {
        Size = size;
        int file = memfd_create("ring", 0);
        Assert.True(file >= 0 && ftruncate(file, size) == 0, "memfd");
        nint room = mmap(0, (nuint)(2 * size), 0, MapPrivateAnonymous, -1, 0);
        Assert.Equal(room, mmap(room, (nuint)size, ProtReadWrite, MapShared | MapFixed, file, 0));
        Assert.Equal(room + size, mmap(room + size, (nuint)size, ProtReadWrite, MapShared | MapFixed, file, 0));
        _ = close(file);
        _data = (byte*)room;
        _positions = (long*)NativeMemory.AllocZeroed(128);
        Consumer = start;
        Producer = start;
    }

    public int Size { get; }

    /// <summary>How far the reader has given space back.</summary>
    public long Consumer
    {
        get => Volatile.Read(ref _positions[0]);
        set => Volatile.Write(ref _positions[0], value);
    }

    /// <summary>How far space was handed out to writers.</summary>
    public long Producer
    {
        get => Volatile.Read(ref _positions[8]);
        set => Volatile.Write(ref _positions[8], value);
    }

    /// <summary>A reader at the consumer's position.</summary>
    public RingMemory Reader() => new(&_positions[0], &_positions[8], _data, Size);

    /// <summary>__bpf_ringbuf_reserve(): space for a record, which is busy until it is committed.</summary>
    /// <returns>Where it begins; -1 when the ring is full.</returns>
    public long Reserve(int length)
    {
        long padded = (length + 8 + 7) / 8 * 8;
        long at = Producer;
        if (at + padded - Consumer > Size - 1)
        {
            return -1;
        }

        HeaderAt(at) = (uint)length | Busy;
        Producer = at + padded;
        return at;
    }

    /// <summary>The body of a record.</summary>
    public Span<byte> Body(long at, int length) => new(_data + (at & (Size - 1)) + 8, length);

    /// <summary>bpf_ringbuf_commit().</summary>
    public void Commit(long at, bool discard = false) =>
        Volatile.Write(ref HeaderAt(at), (HeaderAt(at) & ~Busy) | (discard ? Discard : 0));

    /// <summary>Reserves, fills and commits.</summary>
    /// <returns>False when the ring is full.</returns>
    public bool Write(ReadOnlySpan<byte> body)
    {
        long at = Reserve(body.Length);
        if (at < 0)
        {
            return false;
        }

        body.CopyTo(Body(at, body.Length));
        Commit(at);
        return true;
    }

    public void Dispose()
    {
        _ = munmap((nint)_data, (nuint)(2 * Size));
        NativeMemory.Free(_positions);
    }

    private ref uint HeaderAt(long at) => ref *(uint*)(_data + (at & (Size - 1)));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc")]
    private static partial int ftruncate(int file, long length);

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);

    [LibraryImport("libc")]
    private static partial int close(int file);
}
