using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>A process ended: its last thread has left.</summary>
public sealed class ExitEvent : EbpfEvent
{
    private const uint SignalMask = 0x7f;
    private const uint CoreDumpedBit = 0x80;

    private ExitEvent(in Wire wire, EventContext context)
        : base(wire.Header, context)
    {
        Signal = (int)(wire.Status & SignalMask);
        ExitCode = (int)((wire.Status >> 8) & 0xff);
        CoreDumped = (wire.Status & CoreDumpedBit) != 0;
        LifetimeNs = unchecked((long)wire.Lifetime);
    }

    /// <inheritdoc/>
    public override string Probe => "exit";

    /// <summary>What the process passed to exit(2), 0 to 255; 0 where a signal ended it.</summary>
    public int ExitCode { get; }

    /// <summary>The signal that ended the process; 0 where none did.</summary>
    public int Signal { get; }

    /// <summary>The signal's name, such as <c>SIGKILL</c>; empty where none ended the process.</summary>
    public string SignalName => SignalNames.NameOf(Signal);

    /// <summary>Whether the kernel wrote a core dump.</summary>
    public bool CoreDumped { get; }

    /// <summary>From the process's fork to its end, to 100 ns.</summary>
    public TimeSpan Lifetime => TimeSpan.FromTicks(LifetimeNs / 100);

    /// <summary>From the process's fork to its end, in nanoseconds.</summary>
    public long LifetimeNs { get; }

    /// <summary>Decodes <c>struct exit_event</c> of bpf/exit.bpf.c.</summary>
    /// <exception cref="EbpfException">The record is not one.</exception>
    public static ExitEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EventHeader.Read(ref record);
        return new ExitEvent(EventHeader.ReadStruct<Wire>(record), context);
    }

    /// <summary>The record.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Wire
    {
        public EventHeader Header;
        public ulong Lifetime;
        public uint Status;
        public uint Reserved;
    }
}
