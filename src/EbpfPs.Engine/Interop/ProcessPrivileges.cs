using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>The privileges of this process: /proc/self/status, capabilities(7).</summary>
internal sealed record ProcessPrivileges(ulong Effective, int Seccomp)
{
    private const int CapSysAdmin = 21;
    private const int CapPerfMon = 38;
    private const int CapBpf = 39;

    /// <summary>CAP_BPF, or CAP_SYS_ADMIN, which has always implied it.</summary>
    public bool HasBpf => Has(CapBpf) || Has(CapSysAdmin);

    /// <summary>CAP_PERFMON, or CAP_SYS_ADMIN.</summary>
    public bool HasPerfMon => Has(CapPerfMon) || Has(CapSysAdmin);

    public static ProcessPrivileges Read()
    {
        ulong effective = 0;
        int seccomp = 0;
        foreach (string line in File.ReadLines("/proc/self/status"))
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

        return new ProcessPrivileges(effective, seccomp);
    }

    /// <summary>The lockdown mode in force, or null where securityfs doesn't tell.</summary>
    public static string? ReadLockdown()
    {
        try
        {
            string modes = File.ReadAllText("/sys/kernel/security/lockdown");
            int open = modes.IndexOf('[', StringComparison.Ordinal);
            int close = modes.IndexOf(']', StringComparison.Ordinal);
            return open >= 0 && close > open ? modes[(open + 1)..close] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not mounted, or not for this user: nothing is known, which null says.
            return null;
        }
    }

    private bool Has(int capability) => (Effective >> capability & 1) != 0;
}
