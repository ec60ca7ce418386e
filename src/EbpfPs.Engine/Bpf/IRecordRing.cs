namespace EbpfPs.Bpf;

/// <summary>Where finished records come from: a session's ring.</summary>
internal interface IRecordRing
{
    /// <inheritdoc cref="RingMemory.TryNext"/>
    bool TryNext(out ReadOnlySpan<byte> record);

    /// <inheritdoc cref="RingMemory.Publish"/>
    void Publish();
}
