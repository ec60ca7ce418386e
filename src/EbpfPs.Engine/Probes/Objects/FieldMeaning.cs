namespace EbpfPs.Probes;

/// <summary>What the number or the bytes of a record's field stand for, where the C type doesn't tell.</summary>
public enum FieldMeaning
{
    /// <summary>Nothing but themselves.</summary>
    Value,

    /// <summary>An IPv4 address in network byte order: 4 bytes.</summary>
    IPv4,

    /// <summary>An IPv6 address in network byte order: 16 bytes.</summary>
    IPv6,

    /// <summary>A port, or another number of 2, 4 or 8 bytes, in network byte order.</summary>
    Port,

    /// <summary>A hardware address of 6 bytes.</summary>
    Mac,

    /// <summary>Nanoseconds of CLOCK_BOOTTIME: what bpf_ktime_get_boot_ns() gives.</summary>
    BootTime,

    /// <summary>Nanoseconds of CLOCK_MONOTONIC: what bpf_ktime_get_ns() gives.</summary>
    Monotonic,

    /// <summary>A length of time in nanoseconds.</summary>
    Duration,

    /// <summary>The result of a call: an errno where it is negative; of an unsigned field, the errno itself.</summary>
    Errno,

    /// <summary>Bytes that are text, up to a NUL.</summary>
    Text,
}
