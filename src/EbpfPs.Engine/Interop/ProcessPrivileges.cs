using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>
/// The privileges of this thread: /proc/thread-self/status, capabilities(7), user_namespaces(7). Capabilities that a
/// process holds only in a user namespace of its own don't count for bpf(2): the kernel asks the initial one.
/// </summary>
/// <param name="Effective">The effective capabilities, a bit each.</param>
/// <param name="Seccomp">0 without a filter, 1 in strict mode, 2 with a filter: seccomp(2).</param>
/// <param name="InitialUserNamespace">Whether the capabilities are those of the initial user namespace.</param>
internal sealed record ProcessPrivileges(ulong Effective, int Seccomp, bool InitialUserNamespace)
{
    /// <summary>PROC_USER_INIT_INO of include/linux/proc_ns.h.</summary>
    private const string InitialUserNamespaceLink = "user:[4026531837]";

    private const int BitSysAdmin = 21;
    private const int BitPerfMon = 38;
    private const int BitBpf = 39;

    /// <summary>CAP_BPF, or CAP_SYS_ADMIN, which has always implied it.</summary>
    public bool HasBpf => Counts(BitBpf) || HasSysAdmin;

    /// <summary>CAP_PERFMON, or CAP_SYS_ADMIN.</summary>
    public bool HasPerfMon => Counts(BitPerfMon) || HasSysAdmin;

    /// <summary>CAP_SYS_ADMIN.</summary>
    public bool HasSysAdmin => Counts(BitSysAdmin);

    /// <summary>Whether CAP_BPF itself is there, in whatever namespace.</summary>
    public bool HoldsBpf => Holds(BitBpf);

    /// <summary>Whether CAP_PERFMON itself is there, in whatever namespace.</summary>
    public bool HoldsPerfMon => Holds(BitPerfMon);

    /// <summary>Whether CAP_SYS_ADMIN is there, in whatever namespace.</summary>
    public bool HoldsSysAdmin => Holds(BitSysAdmin);

    /// <summary>What tracing needs and this process has not, joined for a sentence; empty when it has all.</summary>
    public string Missing => (HasBpf, HasPerfMon) switch
    {
        (false, false) => "CAP_BPF and CAP_PERFMON",
        (false, true) => "CAP_BPF",
        (true, false) => "CAP_PERFMON",
        _ => "",
    };

    /// <summary>Reads them.</summary>
    public static ProcessPrivileges Read() => Parse(
        File.ReadLines("/proc/thread-self/status"),
        new FileInfo("/proc/thread-self/ns/user").LinkTarget);

    /// <summary>Takes them from the lines of a status file and the link of the user namespace.</summary>
    /// <param name="status">The lines.</param>
    /// <param name="userNamespace">Such as <c>user:[4026531837]</c>; null on a kernel without user namespaces.</param>
    internal static ProcessPrivileges Parse(IEnumerable<string> status, string? userNamespace)
    {
        ulong effective = 0;
        int seccomp = 0;
        foreach (string line in status)
        {
            if (line.StartsWith("CapEff:", StringComparison.Ordinal))
            {
                effective = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("Seccomp:", StringComparison.Ordinal))
            {
                seccomp = int.Parse(line.AsSpan(8).Trim(), CultureInfo.InvariantCulture);
            }
        }

        return new ProcessPrivileges(effective, seccomp, userNamespace is null or InitialUserNamespaceLink);
    }

    private bool Counts(int capability) => InitialUserNamespace && Holds(capability);

    private bool Holds(int capability) => (Effective >> capability & 1) != 0;
}
