namespace EbpfPs.Interop;

/// <summary>Says which privilege or policy stands behind an EPERM, from what the process can see of itself.</summary>
internal static class PrivilegeAdvice
{
    /// <summary>A sentence or two: the cause that is likely here, and the remedy.</summary>
    public static string Explain()
    {
        ProcessPrivileges own = ProcessPrivileges.Read();
        string? lockdown = ProcessPrivileges.ReadLockdown();
        if (!own.HasBpf || !own.HasPerfMon)
        {
            string missing = (own.HasBpf, own.HasPerfMon) switch
            {
                (false, false) => "CAP_BPF and CAP_PERFMON",
                (false, true) => "CAP_BPF",
                _ => "CAP_PERFMON",
            };
            return $"This process has not {missing} in the initial user namespace. Run pwsh as root (sudo pwsh), or give it the capabilities: sudo setpriv --ambient-caps +bpf,+perfmon --inh-caps +bpf,+perfmon --reuid $(id -u) --clear-groups pwsh";
        }

        if (own.Seccomp != 0)
        {
            return "A seccomp filter is on this process and may refuse bpf(2): containers need a profile that allows bpf and perf_event_open (docker: --security-opt seccomp=unconfined, or --privileged).";
        }

        if (lockdown == "confidentiality")
        {
            return "The kernel is locked down for confidentiality (Secure Boot, or lockdown= on its command line): it then refuses to let eBPF read kernel memory. cat /sys/kernel/security/lockdown shows the mode.";
        }

        return "The process has the capabilities, so a policy refuses: a security module, a container's device or seccomp rules, or a hook that this kernel keeps from eBPF. Test-EbpfSupport tells what works here.";
    }
}
