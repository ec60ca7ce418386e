using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>A syscall that took long, when it has returned.</summary>
public sealed class LatencyEvent : EbpfEvent
{
    /// <summary>Results from -4095 to -1 are errors: MAX_ERRNO of include/linux/err.h.</summary>
    private const long LargestError = 4095;

    private LatencyEvent(in Wire wire, EventContext context)
        : base(wire.Header, context)
    {
        Is32Bit = wire.Compat != 0;
        Syscall = (Is32Bit ? SyscallNames.Compat : SyscallNames.Native).NameOf(wire.Syscall);
        DurationNs = unchecked((long)wire.Duration);
        ReturnValue = wire.Result;
        ErrorNumber = wire.Result is < 0 and >= -LargestError ? (int)-wire.Result : 0;
    }

    /// <inheritdoc/>
    public override string Probe => "latency";

    /// <summary>The call's name in the table that it was numbered by; <c>syscall_N</c> where that has none.</summary>
    public string Syscall { get; }

    /// <summary>Whether it was a 32-bit call, which has a table of numbers of its own.</summary>
    public bool Is32Bit { get; }

    /// <summary>How long the call took, to 100 ns; it began at Time - Duration.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(DurationNs / 100);

    /// <summary>How long the call took, in nanoseconds; time in which the machine was suspended counts.</summary>
    public long DurationNs { get; }

    /// <summary>What the call returned, before the C library turns it into -1 and errno.</summary>
    public long ReturnValue { get; }

    /// <summary>
    /// The errno of a failed call; 0 where it succeeded. Numbers from 512 on are the kernel's own: the call was
    /// interrupted by a signal and may be started again (include/linux/errno.h).
    /// </summary>
    public int ErrorNumber { get; }

    /// <summary>The errno's name, such as <c>EAGAIN</c>; empty where the call succeeded.</summary>
    public string ErrorName => ErrnoNames.NameOf(ErrorNumber);

    /// <summary>Decodes <c>struct latency_event</c> of bpf/latency.bpf.c.</summary>
    /// <exception cref="EbpfException">The record is not one.</exception>
    public static LatencyEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EventHeader.Read(ref record);
        return new LatencyEvent(EventHeader.ReadStruct<Wire>(record), context);
    }

    /// <summary>The record.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Wire
    {
        public EventHeader Header;
        public ulong Duration;
        public long Result;
        public uint Syscall;
        public uint Compat;
    }
}
