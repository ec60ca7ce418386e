using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>
/// Whether a syscall reaches the kernel. Each is called in a way that the kernel refuses with EINVAL whoever
/// calls, before it looks at privileges; another answer comes from something that stands before it.
/// </summary>
internal static class SyscallAnswer
{
    /// <summary>A command of bpf(2) that there is not.</summary>
    private const int NoCommand = int.MaxValue;

    /// <summary>Whether the kernel has bpf(2) at all; the file comes with CONFIG_BPF_SYSCALL.</summary>
    public static bool BpfIsBuiltIn => File.Exists("/proc/sys/kernel/unprivileged_bpf_disabled");

    /// <summary>
    /// The errno of bpf(2): EINVAL when it reaches the kernel, EPERM or ENOSYS as a seccomp filter chooses, ENOSYS
    /// where the kernel was built without. Before Linux 5.19 the kernel, too, says EPERM to an unprivileged caller when
    /// kernel.unprivileged_bpf_disabled is set.
    /// </summary>
    public static int Bpf() => Errno(LibC.syscall(LibC.SYS_bpf, NoCommand, 0, 0, 0, 0));

    /// <summary>The errno of perf_event_open(2): EINVAL when it reaches the kernel, since no such flags exist.</summary>
    public static int PerfEventOpen() => Errno(LibC.syscall(LibC.SYS_perf_event_open, 0, 0, -1, -1, -1));

    private static int Errno(nint result) => result == -1 ? Marshal.GetLastPInvokeError() : 0;
}
