using System.Globalization;

namespace EbpfPs.Events;

/// <summary>A line that a program wrote with bpf_printk.</summary>
public sealed class TraceMessage : EbpfRecord
{
    internal TraceMessage(long timestampNs, int cpu, string processName, int processId, int threadId, string message)
    {
        TimestampNs = timestampNs;
        Cpu = cpu;
        ProcessName = processName;
        ProcessId = processId;
        ThreadId = threadId;
        Message = message;
    }

    /// <summary>When it was written, local time; from the shared trace pipe, when it was read.</summary>
    public DateTime Time => DateTime.UnixEpoch.AddTicks(TimestampNs / 100).ToLocalTime();

    /// <summary>The same in nanoseconds since 1970-01-01 UTC, to 1000 ns.</summary>
    public long TimestampNs { get; }

    /// <summary>The CPU on which it was written.</summary>
    public int Cpu { get; }

    /// <summary>The name of the task that the program ran in.</summary>
    public string ProcessName { get; }

    /// <summary>Its process (thread group), as the initial pid namespace numbers it; 0 where that is not known.</summary>
    public int ProcessId { get; }

    /// <summary>The task itself, likewise; 0 is an idle CPU.</summary>
    public int ThreadId { get; }

    /// <summary>The text.</summary>
    public string Message { get; }

    /// <summary>The message; safe to show on a terminal.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Time:HH:mm:ss.ffffff} {ProcessId} {TerminalText.Escape(ProcessName)} {TerminalText.Escape(Message)}");
}
