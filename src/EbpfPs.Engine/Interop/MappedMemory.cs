using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>Memory that a kernel map shares with this process.</summary>
internal sealed unsafe class MappedMemory : SafeHandle
{
    private readonly nuint _length;

    private MappedMemory(nint address, nuint length)
        : base(-1, ownsHandle: true)
    {
        _length = length;
        SetHandle(address);
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>The first byte. Valid until this object is disposed.</summary>
    public byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (byte*)handle;
        }
    }

    /// <summary>Maps a part of a map's memory.</summary>
    /// <param name="fd">The map's descriptor.</param>
    /// <param name="offset">Bytes, a multiple of the page size.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="writable">Whether this process may write.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static MappedMemory Map(int fd, long offset, nuint length, bool writable)
    {
        int protection = writable ? LibC.PROT_READ | LibC.PROT_WRITE : LibC.PROT_READ;
        nint address = LibC.mmap(0, length, protection, LibC.MAP_SHARED, fd, (nint)offset);
        return new MappedMemory(LibBpfError.CheckLibC(address, "map a kernel map's memory"), length);
    }

    /// <summary>A value in the memory.</summary>
    /// <param name="offset">Bytes from the start; the value must lie inside.</param>
    public ref T At<T>(int offset)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)(offset + sizeof(T)), _length);
        return ref *(T*)(Address + offset);
    }

    /// <summary>A part of the memory. Valid until this object is disposed.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes; all must lie inside.</param>
    public ReadOnlySpan<byte> Bytes(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)(uint)offset + (nuint)(uint)length, _length);

        // SAFETY: inside of the mapping, which lives until the owner disposes it.
        return new ReadOnlySpan<byte>(Address + offset, length);
    }

    protected override bool ReleaseHandle() => LibC.munmap(handle, _length) == 0;
}
