using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The capabilities of this process, as far as bpf(2) would count them.</summary>
internal static class PrivilegeFeatures
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeatureProbe> All { get; } =
    [
        Of(Privileges.Bpf, "5.8", "The right to create maps and load programs.", ""),
        Of(Privileges.PerfMon, "5.8", "The right to trace: programs that see what the kernel and other processes do.", ""),
        Of(Privileges.NetAdmin, "2.2", "The right to load programs that see packets.", "Tracing doesn't need it; XDP and tc programs do. "),
        Of(Privileges.SysAdmin, "2.2", "The right to administrate; it implies the other ones.", "The built-in probes don't need it; mounting tracefs, listing what is loaded and BPF statistics do. "),
    ];

    private static FeatureProbe Of(Privileges one, string since, string description, string use) =>
        new(one.Sentence(), KernelFeatureCategory.Privilege, since, description, () => Look(one, use));

    private static Finding Look(Privileges one, string use)
    {
        ProcessPrivileges own = ProcessPrivileges.Read();
        if (own.Lacks(one) == Privileges.None)
        {
            return Finding.Yes(own.Held.HasFlag(one) ? "effective" : "implied by CAP_SYS_ADMIN");
        }

        PrivilegeAdvice advice = PrivilegeAdvice.ForMissing(own, one);
        return Finding.No(advice.Cause, use + advice.Remedy);
    }
}
