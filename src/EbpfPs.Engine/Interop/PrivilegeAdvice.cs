namespace EbpfPs.Interop;

/// <summary>Why the kernel says EPERM to this process, and what can be done.</summary>
/// <param name="Cause">A sentence or two: the privilege or the policy that stands in the way.</param>
/// <param name="Remedy">What a system administrator can do.</param>
internal sealed record PrivilegeAdvice(string Cause, string Remedy)
{
    private const string Container =
        "Allow bpf and perf_event_open in the seccomp profile (docker: --security-opt seccomp=unconfined or --privileged; podman likewise; systemd: SystemCallFilter=).";

    /// <summary>What perf_event_open(2) documents; distributions' patches know 3 and more.</summary>
    private const int HighestUpstreamParanoia = 2;

    /// <summary>The mode of kernel_lockdown(7) in which nothing that reads kernel memory is allowed.</summary>
    private const string Confidentiality = "confidentiality";

    private static readonly PrivilegeAdvice _locked = new(
        "The kernel is locked down for confidentiality (Secure Boot, or lockdown= on its command line): it refuses tracefs, kprobes and programs that read its memory.",
        "Boot with lockdown=integrity or without lockdown. /sys/kernel/security/lockdown shows the mode.");

    /// <summary>Looks at this process and at the kernel's policies, the surest cause first.</summary>
    /// <param name="errno">EPERM, or EACCES, which perf_event_open(2) says.</param>
    /// <param name="needed">The capabilities that what was refused needs.</param>
    public static PrivilegeAdvice Find(int errno = LibBpfError.EPERM, Privileges needed = Privileges.Tracing) =>
        For(errno, needed, PrivilegeEvidence.Gather());

    /// <summary>Why bpf(2) isn't there (ENOSYS).</summary>
    public static PrivilegeAdvice ForMissingSyscall() =>
        SyscallAnswer.BpfIsBuiltIn
            ? new("The kernel has bpf(2), but a seccomp filter on this process hides it.", Container)
            : new("This kernel was built without bpf(2).", "Use a kernel with CONFIG_BPF_SYSCALL=y, as all distributions have.");

    /// <summary>The advice for a kernel that is locked down for confidentiality; null where it isn't, as far as can be told.</summary>
    public static PrivilegeAdvice? ForLockdown() => SecurityFiles.Lockdown() == Confidentiality ? _locked : null;

    /// <summary>
    /// Why the verifier doesn't know a helper that reads kernel memory: in lockdown for confidentiality
    /// bpf_tracing_func_proto() of kernel/trace/bpf_trace.c leaves them out. Null when that isn't the reason.
    /// </summary>
    /// <param name="reason">What the verifier says.</param>
    public static PrivilegeAdvice? ForMissingHelper(string reason) =>
        reason.Contains("bpf_probe_read", StringComparison.Ordinal) ? ForLockdown() : null;

    /// <summary>The advice for what was seen.</summary>
    /// <param name="errno">EPERM, or EACCES, which perf_event_open(2) says.</param>
    /// <param name="needed">The capabilities that what was refused needs.</param>
    /// <param name="seen">What was seen.</param>
    internal static PrivilegeAdvice For(int errno, Privileges needed, PrivilegeEvidence seen)
    {
        if (seen.Own.Lacks(needed) != Privileges.None)
        {
            return ForMissing(seen.Own, needed, seen.UnprivilegedBpfDisabled);
        }

        bool filtered = seen.Own.Seccomp != 0;
        if (filtered && seen.Bpf == LibBpfError.EPERM)
        {
            return new("A seccomp filter on this process refuses bpf(2).", Container);
        }

        if (filtered && seen.PerfEventOpen == LibBpfError.EPERM)
        {
            return new("A seccomp filter on this process refuses perf_event_open(2), which attaching needs.", Container);
        }

        if (seen.Lockdown == Confidentiality)
        {
            return _locked;
        }

        if (errno == LibBpfError.EACCES && seen.PerfEventParanoid > HighestUpstreamParanoia && !seen.Own.HasSysAdmin)
        {
            return new(
                $"kernel.perf_event_paranoid is {seen.PerfEventParanoid}: kernels of Debian and Ubuntu then keep perf_event_open(2) for CAP_SYS_ADMIN.",
                "sysctl kernel.perf_event_paranoid=2, or run pwsh as root.");
        }

        if (errno == LibBpfError.EPERM && seen.LockedMemoryLimit is long limit)
        {
            return new(
                $"Before Linux 5.11 maps and programs count as locked memory, of which this process may have {limit} bytes.",
                "Raise the limit: ulimit -l unlimited as root before pwsh, or LimitMEMLOCK=infinity in a service; or give CAP_SYS_RESOURCE.");
        }

        string policy = string.Join("; ", new[]
        {
            seen.Lockdown is null or "none" ? "" : $"lockdown={seen.Lockdown}",
            seen.Modules is null ? "" : $"security modules {string.Join(',', seen.Modules)}",
            filtered ? "a seccomp filter is on" : "",
        }.Where(part => part.Length > 0));
        return new(
            $"The process has the capabilities, so a policy of this kernel refuses{(policy.Length > 0 ? $" ({policy})" : "")}.",
            "Ask who runs the kernel: its log (dmesg, the audit log) may name the policy.");
    }

    /// <summary>The advice for capabilities that the process lacks.</summary>
    /// <param name="own">The process's privileges.</param>
    /// <param name="needed">What is needed; it lacks one of these at least.</param>
    /// <param name="unprivileged">kernel.unprivileged_bpf_disabled, where it matters.</param>
    public static PrivilegeAdvice ForMissing(ProcessPrivileges own, Privileges needed, int? unprivileged = null)
    {
        Privileges missing = own.Lacks(needed);
        PrivilegeAdvice advice = own.InitialUserNamespace ? Missing(missing, needed, unprivileged) : Namespaced(missing, own.Held & missing);
        return own.Seccomp == 0 ? advice : new(
            advice.Cause + " A seccomp filter is on it as well.",
            "In a container: docker run --cap-add BPF --cap-add PERFMON, with which docker's own seccomp profile lets bpf(2) pass. Else: " + advice.Remedy);
    }

    private static PrivilegeAdvice Missing(Privileges missing, Privileges needed, int? unprivileged)
    {
        string setting = missing.HasFlag(Privileges.Bpf) && unprivileged > 0
            ? $" kernel.unprivileged_bpf_disabled is {unprivileged}: without CAP_BPF a process may load nothing at all."
            : "";
        string options = (needed | Privileges.Tracing).Options();
        return new(
            $"This process lacks {missing.Sentence()}.{setting}",
            $"Run pwsh as root (sudo pwsh), or give it the capabilities: sudo setpriv --reuid $(id -u) --regid $(id -g) --init-groups --inh-caps {options} --ambient-caps {options} pwsh");
    }

    private static PrivilegeAdvice Namespaced(Privileges missing, Privileges heldInside) => new(
        heldInside == Privileges.None
            ? $"This process is in a user namespace of its own and lacks {missing.Sentence()} in the initial one."
            : $"This process has {heldInside.Sentence()} only in a user namespace of its own (rootless container, unshare -U); bpf(2) asks for capabilities in the initial one.",
        "Run it outside the user namespace, as root. A container must not be rootless nor have its user ids mapped (docker: --userns=host).");
}
