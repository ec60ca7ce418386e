using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>
/// The privileges of this thread: /proc/thread-self/status, capabilities(7), user_namespaces(7). Capabilities that a
/// process holds only in a user namespace of its own don't count for bpf(2): the kernel asks the initial one.
/// </summary>
/// <param name="Held">The effective capabilities, in whatever namespace.</param>
/// <param name="Seccomp">0 without a filter, 1 in strict mode, 2 with a filter: seccomp(2).</param>
/// <param name="InitialUserNamespace">Whether they are those of the initial user namespace.</param>
internal sealed record ProcessPrivileges(Privileges Held, int Seccomp, bool InitialUserNamespace)
{
    /// <summary>PROC_USER_INIT_INO of include/linux/proc_ns.h.</summary>
    private const string InitialUserNamespaceLink = "user:[4026531837]";

    /// <summary>include/uapi/linux/capability.h.</summary>
    private static readonly (int Bit, Privileges One)[] _bits =
    [
        (12, Privileges.NetAdmin),
        (21, Privileges.SysAdmin),
        (38, Privileges.PerfMon),
        (39, Privileges.Bpf),
    ];

    /// <summary>Whether CAP_SYS_ADMIN counts.</summary>
    public bool HasSysAdmin => Lacks(Privileges.SysAdmin) == Privileges.None;

    /// <summary>Reads them.</summary>
    public static ProcessPrivileges Read() => Parse(
        File.ReadLines("/proc/thread-self/status"),
        new FileInfo("/proc/thread-self/ns/user").LinkTarget);

    /// <summary>Takes them from the lines of a status file and the link of the user namespace.</summary>
    /// <param name="status">The lines.</param>
    /// <param name="userNamespace">Such as <c>user:[4026531837]</c>; null on a kernel without user namespaces.</param>
    public static ProcessPrivileges Parse(IEnumerable<string> status, string? userNamespace)
    {
        Privileges held = Privileges.None;
        int seccomp = 0;
        foreach (string line in status)
        {
            if (line.StartsWith("CapEff:", StringComparison.Ordinal))
            {
                ulong mask = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                foreach ((int bit, Privileges one) in _bits)
                {
                    held |= (mask >> bit & 1) != 0 ? one : Privileges.None;
                }
            }
            else if (line.StartsWith("Seccomp:", StringComparison.Ordinal))
            {
                seccomp = int.Parse(line.AsSpan(8).Trim(), CultureInfo.InvariantCulture);
            }
        }

        return new ProcessPrivileges(held, seccomp, userNamespace is null or InitialUserNamespaceLink);
    }

    /// <summary>Those of a set that bpf(2) would not find.</summary>
    public Privileges Lacks(Privileges needed) =>
        !InitialUserNamespace ? needed
        : Held.HasFlag(Privileges.SysAdmin) ? Privileges.None
        : needed & ~Held;
}
