namespace EbpfPs.Probes;

/// <summary>A record of an object that has no struct for it.</summary>
public sealed class UntypedRecord : ObjectRecord
{
    internal UntypedRecord(byte[] data) => Data = data;

    /// <summary>Its bytes; of a perf buffer followed by up to 7 bytes of padding.</summary>
    public byte[] Data { get; }
}
