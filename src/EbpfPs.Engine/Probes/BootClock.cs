using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// The distance from CLOCK_BOOTTIME, in which the kernel stamps records, to Unix time. Both run at the same rate,
/// so it changes only when the clock is set: it is read again and again, but a new value is taken only when it is
/// further away than reading two clocks can be off, which on a busy or emulated machine is more than a moment. Records
/// have the machine's clock, not that of this process's time namespace.
/// </summary>
internal sealed class BootClock
{
    private const long Noise = 100_000;
    private const long NsPerSecond = 1_000_000_000;

    private readonly int _clock;

    /// <summary>How far the offset in use may be off.</summary>
    private long _uncertainty;

    /// <summary>Creates a clock and reads it.</summary>
    public BootClock()
        : this(LibC.CLOCK_BOOTTIME)
    {
    }

    private BootClock(int clock)
    {
        _clock = clock;
        (OffsetNs, _uncertainty) = Read();
    }

    /// <summary>Nanoseconds to add to a time of the clock.</summary>
    public long OffsetNs { get; private set; }

    /// <summary>The same for CLOCK_MONOTONIC, whose distance also changes when the machine has been suspended.</summary>
    public static BootClock Monotonic() => new(LibC.CLOCK_MONOTONIC);

    /// <summary>What CLOCK_BOOTTIME says.</summary>
    public static long NowNs() => Now(LibC.CLOCK_BOOTTIME);

    /// <summary>Looks whether the clock was set.</summary>
    public void Refresh()
    {
        (long now, long uncertainty) = Read();
        if (Math.Abs(now - OffsetNs) > Noise + _uncertainty + uncertainty)
        {
            (OffsetNs, _uncertainty) = (now, uncertainty);
        }
    }

    /// <summary>Of three readings the one during which least time passed, and how far it may be off.</summary>
    private (long Offset, long Uncertainty) Read()
    {
        long best = 0;
        long bestSpan = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = Now(_clock);
            long unix = Now(LibC.CLOCK_REALTIME);
            long after = Now(_clock);
            if (after - before < bestSpan)
            {
                bestSpan = after - before;
                best = unix - (before + (bestSpan / 2));
            }
        }

        return (best, bestSpan / 2);
    }

    private static long Now(int clock)
    {
        LibBpfError.CheckLibC(LibC.clock_gettime(clock, out LibC.Timespec time), "read the clock");
        return (time.Seconds * NsPerSecond) + time.Nanoseconds - TimeNamespace.OffsetNs(clock);
    }
}
