using System.Globalization;

namespace EbpfPs.Events;

/// <summary>What every event has: when, and which task was the current one.</summary>
public abstract class EbpfEvent : EbpfRecord
{
    private readonly EventContext _context;

    private protected EbpfEvent(in EventHeader header, EventContext context)
    {
        _context = context;
        BootNs = unchecked((long)header.Time);
        TimestampNs = unchecked(BootNs + context.BootToUnixNs);
        Sequence = header.Sequence;
        Stream = header.Stream;
        ProcessId = unchecked((int)header.Pid);
        ThreadId = unchecked((int)header.Tid);
        ParentProcessId = unchecked((int)header.Ppid);
        ProcessName = context.Text.Get(header.Comm.Bytes);
        UserId = header.Uid;
        GroupId = header.Gid;
        CgroupId = header.CgroupId;
        Cpu = unchecked((int)header.Cpu);
        if (context.LastCgroups != (header.CgroupId, header.LegacyCgroupId))
        {
            context.LastContainerId = context.Names.ContainerId(header.CgroupId, header.LegacyCgroupId);
            context.LastCgroups = (header.CgroupId, header.LegacyCgroupId);
        }

        ContainerId = context.LastContainerId;
    }

    /// <summary>When it happened, local time, to 100 ns: for a call, when it returned.</summary>
    public DateTime Time => DateTime.UnixEpoch.AddTicks(TimestampNs / 100).ToLocalTime();

    /// <summary>When it happened: nanoseconds since 1970-01-01 UTC. Taken in the kernel.</summary>
    public long TimestampNs { get; }

    /// <summary>The name of the probe that made the event.</summary>
    public abstract string Probe { get; }

    /// <summary>The process (thread group), as the pid namespace of this process numbers it; 0 where it does not.</summary>
    public int ProcessId { get; }

    /// <summary>The thread, likewise.</summary>
    public int ThreadId { get; }

    /// <summary>The parent process, likewise.</summary>
    public int ParentProcessId { get; }

    /// <summary>The task's name (comm): 15 bytes at most.</summary>
    public string ProcessName { get; }

    /// <summary>The real user id, in the initial user namespace.</summary>
    public uint UserId { get; }

    /// <summary>The user's name, looked up when first read; the number as text where it has none.</summary>
    public string UserName => _context.Names.UserName(UserId);

    /// <summary>The real group id, in the initial user namespace.</summary>
    public uint GroupId { get; }

    /// <summary>The cgroup's id in the cgroup v2 hierarchy.</summary>
    public ulong CgroupId { get; }

    /// <summary>The id of the container; empty outside of one.</summary>
    public string ContainerId { get; }

    /// <summary>The CPU on which it happened.</summary>
    public int Cpu { get; }

    /// <summary>The machine.</summary>
    public string ComputerName => _context.ComputerName;

    /// <summary>When it happened by CLOCK_BOOTTIME, which nobody sets: what events are ordered by.</summary>
    internal long BootNs { get; }

    /// <summary>The record's number among those of its probe, stream and CPU, lost ones included.</summary>
    internal ulong Sequence { get; }

    /// <summary>Which of the probe's programs made the record.</summary>
    internal byte Stream { get; }

    /// <summary>One line for people who write the event into a string; safe to show on a terminal.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Time:HH:mm:ss.ffffff} {Probe} {ProcessId} {TerminalText.Escape(ProcessName)}");
}
