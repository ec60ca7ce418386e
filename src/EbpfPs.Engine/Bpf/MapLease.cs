using System.Runtime.InteropServices;

namespace EbpfPs.Bpf;

/// <summary>A map's descriptor, which stays valid until the lease is disposed.</summary>
internal readonly ref struct MapLease
{
    private readonly SafeHandle _owner;

    /// <summary>Borrows it.</summary>
    /// <param name="owner">What keeps the descriptor open.</param>
    /// <param name="fd">Reads it once the owner is held.</param>
    /// <exception cref="ObjectDisposedException">The owner was closed.</exception>
    public MapLease(SafeHandle owner, Func<int> fd)
    {
        bool added = false;
        _owner = owner;
        owner.DangerousAddRef(ref added);
        Fd = fd();
    }

    /// <summary>The descriptor.</summary>
    public int Fd { get; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => _owner.DangerousRelease();
}
