namespace EbpfPs.Interop;

/// <summary>The capabilities(7) that bpf(2) and perf_event_open(2) ask for.</summary>
[Flags]
internal enum Privileges
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CAP_BPF: maps, programs; Linux 5.8.</summary>
    Bpf = 1,

    /// <summary>CAP_PERFMON: programs that see what the kernel does; Linux 5.8.</summary>
    PerfMon = 2,

    /// <summary>CAP_NET_ADMIN: programs that see or change packets.</summary>
    NetAdmin = 4,

    /// <summary>CAP_SYS_ADMIN, which implies the others as far as bpf(2) goes.</summary>
    SysAdmin = 8,

    /// <summary>What tracing needs.</summary>
    Tracing = Bpf | PerfMon,
}

/// <summary>Names of <see cref="Privileges"/>.</summary>
internal static class PrivilegeNames
{
    private static readonly (Privileges One, string Name)[] _all =
    [
        (Privileges.Bpf, "bpf"),
        (Privileges.PerfMon, "perfmon"),
        (Privileges.NetAdmin, "net_admin"),
        (Privileges.SysAdmin, "sys_admin"),
    ];

    /// <summary>For a sentence: <c>CAP_BPF and CAP_PERFMON</c>.</summary>
    public static string Sentence(this Privileges set) =>
        string.Join(" and ", Each(set).Select(name => "CAP_" + name.ToUpperInvariant()));

    /// <summary>For setpriv(1) and capsh(1): <c>+bpf,+perfmon</c>.</summary>
    public static string Options(this Privileges set) => string.Join(',', Each(set).Select(name => "+" + name));

    private static IEnumerable<string> Each(Privileges set) =>
        _all.Where(entry => set.HasFlag(entry.One)).Select(entry => entry.Name);
}
