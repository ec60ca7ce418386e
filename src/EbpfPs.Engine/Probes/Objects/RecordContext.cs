using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>What the decoder of records needs beside the bytes; of one session, used by one thread at a time.</summary>
internal sealed class RecordContext
{
    /// <summary>The texts that came lately.</summary>
    public TextCache Text { get; } = new();

    /// <summary>Nanoseconds from CLOCK_BOOTTIME to Unix time.</summary>
    public BootClock Boot { get; } = new();

    /// <summary>Nanoseconds from CLOCK_MONOTONIC, which stands still while the machine is suspended, to Unix time.</summary>
    public BootClock Monotonic { get; } = BootClock.Monotonic();
}

/// <summary>Makes a record of its bytes, which are at least as many as the struct has.</summary>
internal delegate ObjectRecord RecordDecoder(ReadOnlySpan<byte> bytes, RecordContext context);
