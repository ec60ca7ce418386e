namespace EbpfPs.Bpf;

/// <summary>A buffer that programs of a user's object write records to; one reader takes them out.</summary>
internal abstract class RecordBuffer : IDisposable
{
    /// <summary>The map's name.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of the buffer, on all CPUs.</summary>
    public abstract long Size { get; }

    /// <summary>Records that found no room; null where the kernel doesn't count them.</summary>
    public abstract long? Lost { get; }

    /// <summary>Has a waiter wake up when records come.</summary>
    public abstract void Watch(Waiter waiter);

    /// <summary>Steps to the next record. Its bytes are valid until <see cref="Publish"/>.</summary>
    /// <param name="record">The record; of a perf buffer it may be followed by up to 7 bytes of padding.</param>
    /// <param name="time">CLOCK_MONOTONIC-like nanoseconds that order the records of a perf buffer; 0 in a ring, which has an order.</param>
    public abstract bool TryNext(out ReadOnlySpan<byte> record, out ulong time);

    /// <summary>Gives the space of the records passed so far back.</summary>
    public abstract void Publish();

    /// <summary>Does not step beyond what is there now, until <see cref="Reopen"/>.</summary>
    public abstract void EndHere();

    /// <summary>Steps through whatever comes.</summary>
    public abstract void Reopen();

    /// <inheritdoc/>
    public abstract void Dispose();
}
