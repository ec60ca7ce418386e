namespace EbpfPs.Events;

/// <summary>What a decoder needs beside the record. One for each session; used by one thread at a time.</summary>
public sealed class EventContext
{
    /// <summary>Creates a context.</summary>
    /// <param name="names">Resolves users and containers.</param>
    /// <param name="computerName">The machine that the events are of.</param>
    public EventContext(INameResolver names, string computerName)
    {
        Names = names;
        ComputerName = computerName;
    }

    /// <summary>Nanoseconds from CLOCK_BOOTTIME, which records carry, to Unix time.</summary>
    public long BootToUnixNs { get; set; }

    /// <summary>Resolves users and containers.</summary>
    public INameResolver Names { get; }

    /// <summary>The machine that the events are of.</summary>
    public string ComputerName { get; }

    internal TextCache Text { get; } = new();

    internal (ulong Unified, ulong Legacy) LastCgroups { get; set; }

    internal string LastContainerId { get; set; } = "";
}
