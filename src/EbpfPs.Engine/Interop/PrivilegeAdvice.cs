namespace EbpfPs.Interop;

/// <summary>Why the kernel says EPERM to this process, and what can be done.</summary>
/// <param name="Cause">A sentence or two: the privilege or the policy that stands in the way.</param>
/// <param name="Remedy">What a system administrator can do.</param>
internal sealed record PrivilegeAdvice(string Cause, string Remedy)
{
    private const string Container =
        "Allow bpf and perf_event_open in the seccomp profile (docker: --security-opt seccomp=unconfined or --privileged; podman likewise; systemd: SystemCallFilter=).";

    private const string GiveCapabilities =
        "Run pwsh as root (sudo pwsh), or give it the capabilities: sudo setpriv --reuid $(id -u) --regid $(id -g) --init-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon pwsh";

    /// <summary>Looks at this process and at the kernel's policies, the surest cause first.</summary>
    public static PrivilegeAdvice Find() => For(
        ProcessPrivileges.Read(),
        SyscallAnswer.Bpf(),
        SyscallAnswer.PerfEventOpen(),
        UnprivilegedBpfDisabled(),
        SecurityFiles.Lockdown,
        SecurityFiles.Modules);

    /// <summary>Why bpf(2) isn't there (ENOSYS).</summary>
    public static PrivilegeAdvice ForMissingSyscall() =>
        SyscallAnswer.BpfIsBuiltIn
            ? new("The kernel has bpf(2), but a seccomp filter on this process hides it (ENOSYS).", Container)
            : new("This kernel was built without bpf(2) (ENOSYS).", "Use a kernel with CONFIG_BPF_SYSCALL=y, as all distributions have.");

    /// <summary>The advice for what was seen.</summary>
    /// <param name="own">The process's privileges.</param>
    /// <param name="bpf">The errno of a bpf(2) call that the kernel itself refuses with EINVAL.</param>
    /// <param name="perf">The same of perf_event_open(2).</param>
    /// <param name="unprivileged">kernel.unprivileged_bpf_disabled; null where it can't be read.</param>
    /// <param name="lockdown">Reads the lockdown mode.</param>
    /// <param name="modules">Reads the list of security modules.</param>
    internal static PrivilegeAdvice For(
        ProcessPrivileges own, int bpf, int perf, int? unprivileged, Func<string?> lockdown, Func<string[]?> modules)
    {
        bool filtered = own.Seccomp != 0;
        if (filtered && own.HasBpf && bpf == LibBpfError.EPERM)
        {
            return new("A seccomp filter on this process refuses bpf(2).", Container);
        }

        if (filtered && perf == LibBpfError.EPERM)
        {
            return new("A seccomp filter on this process refuses perf_event_open(2), which attaching needs.", Container);
        }

        if (own.Missing.Length > 0)
        {
            return new(MissingCause(own, unprivileged), own.InitialUserNamespace
                ? GiveCapabilities
                : "Run outside the user namespace, as root or with these capabilities. A container must not be rootless or have its user ids mapped (docker: --userns=host --cap-add BPF --cap-add PERFMON).");
        }

        string? mode = lockdown();
        if (mode == "confidentiality")
        {
            return new(
                "The kernel is locked down for confidentiality (Secure Boot, or lockdown= on its command line), so eBPF may not read kernel memory.",
                "Boot with lockdown=integrity or without lockdown. /sys/kernel/security/lockdown shows the mode.");
        }

        string[]? active = modules();
        string policy = string.Join("; ", new[]
        {
            mode is null or "none" ? "" : $"lockdown={mode}",
            active is null ? "" : $"security modules {string.Join(',', active)}",
            filtered ? "a seccomp filter is on" : "",
        }.Where(part => part.Length > 0));
        return new(
            $"The process has the capabilities, so a policy of this kernel refuses{(policy.Length > 0 ? $" ({policy})" : "")}.",
            "Ask who runs the kernel: its log (dmesg, the audit log) may name the policy. Test-EbpfSupport tells what works here.");
    }

    private static string MissingCause(ProcessPrivileges own, int? unprivileged)
    {
        if (!own.InitialUserNamespace)
        {
            return own.Effective == 0
                ? $"The process is in a user namespace of its own and has not {own.Missing}."
                : "The process has its capabilities only in a user namespace of its own (rootless container, unshare -U); bpf(2) asks for those of the initial one.";
        }

        string setting = !own.HasBpf && unprivileged > 0
            ? $" kernel.unprivileged_bpf_disabled is {unprivileged}, so without CAP_BPF nothing of bpf(2) is allowed."
            : "";
        return $"This process has not {own.Missing}, which tracing needs; root has.{setting}";
    }

    private static int? UnprivilegedBpfDisabled() => KernelSetting.Read("/proc/sys/kernel/unprivileged_bpf_disabled");
}
