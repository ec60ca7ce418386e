using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>What programs may use, and what the kernel counts of them.</summary>
internal static class ProgramFeatures
{
    /// <summary>BPF_STATS_RUN_TIME of include/uapi/linux/bpf.h.</summary>
    private const int RunTimeStatistics = 0;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeatureProbe> All { get; } =
    [
        Of("ringbuf", "5.8", "The ring buffer map, through which events come up.", new("try_ring_buffer") { Attach = null, Maps = ["ring"] }),
        Of("task_storage", "5.12", "Values kept with a task, the cheap way from a call's entry to its exit. Without it a hash map does.", new("try_task_storage") { Attach = null, Maps = ["by_task"] }),
        Of("bpf_task_pt_regs", "5.15", "A task's registers at the syscall: its arguments at its exit.", new("try_task_pt_regs") { Attach = null }),
        Of("bpf_loop", "5.17", "Loops of any length.", new("try_loop") { Attach = null }),
        Of("recursion_misses", "5.12", "How often the kernel skipped a program: the Missed of a loss report.", new("try_raw_tracepoint") { Attach = null, Look = Misses }),
        new("bpf_stats", KernelFeatureCategory.Program, "5.8", "How often programs run, and for how long.", Statistics),
    ];

    private static FeatureProbe Of(string name, string since, string description, ProgramTrial trial) =>
        new(name, KernelFeatureCategory.Program, since, description, () => trial.Run(since));

    private static Finding Misses(BpfProgram program) => program.ReadMissed() is not null
        ? Finding.Yes("counted")
        : Finding.No("This kernel doesn't count them, so Missed is empty in loss reports.", "Use Linux 5.12 or newer.");

    private static Finding Statistics()
    {
        int result = LibBpf.bpf_enable_stats(RunTimeStatistics);
        if (result >= 0)
        {
            // They are on for as long as somebody holds the descriptor.
            _ = LibC.close(result);
            return Finding.Yes($"kernel.bpf_stats_enabled={KernelSetting.Read("/proc/sys/kernel/bpf_stats_enabled")}; can be switched on for as long as they are wanted");
        }

        string errno = LibBpfError.Create(-result, "switch on BPF statistics").ErrnoName;
        PrivilegeAdvice? advice = -result switch
        {
            LibBpfError.EPERM => PrivilegeAdvice.Find(needed: Privileges.SysAdmin),
            LibBpfError.ENOSYS => PrivilegeAdvice.ForMissingSyscall(),
            _ => null,
        };
        return advice is null
            ? Finding.No($"The kernel can't ({errno}).", "Use Linux 5.8 or newer.")
            : Finding.No($"{errno}. {advice.Cause}", advice.Remedy);
    }
}
