using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The places where programs attach.</summary>
internal static class HookFeatures
{
    private const string NotNeeded = "The built-in probes don't need it: they stand on tracepoints.";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeatureProbe> All { get; } =
    [
        Of("tracepoint", "4.7", "Classic tracepoints, one for each syscall among them.", Tracepoint),
        Tried("raw_tracepoint", "4.17", "Tracepoints without the copying of their arguments.", new("try_raw_tracepoint")),
        Tried("tp_btf", "5.5", "Raw tracepoints with typed arguments.", new("try_tp_btf")),
        Tried("kprobe", "4.1", "Almost any instruction of the kernel.", new("try_kprobe")
        {
            Options = ["CONFIG_KPROBES", "CONFIG_KPROBE_EVENTS"],
            Instead = NotNeeded,
        }),
        Tried("fentry", "5.5", "The entry of kernel functions, with typed arguments.", Trampoline("try_fentry")),
        Tried("fexit", "5.5", "The return of kernel functions, with arguments and result.", Trampoline("try_fexit")),
        Tried("uprobe", "4.1", "Instructions of programs and libraries.", new("try_uprobe")
        {
            Options = ["CONFIG_UPROBE_EVENTS"],

            // perf_uprobe_event_init() of kernel/events/core.c asks for it again since 2025; from 5.8 to then CAP_PERFMON did.
            AttachNeeds = Privileges.SysAdmin,
            Attach = AttachToLibrary,
        }),
        Tried("perf_event", "4.9", "Samples in time: profiles.", new("try_perf_event")
        {
            Options = ["CONFIG_PERF_EVENTS"],
            Attach = AttachToClock,
        }),
        Of("lsm", "5.7", "The decisions of security modules.", SecurityModule),
        Tried("iterator", "5.8", "Programs that list what the kernel has: tasks, files, sockets.", new("try_iterator")),
        Of("io_uring", "5.5", "Tracepoints of io_uring, whose calls syscall tracepoints don't see.", IoUring),
        Of("compat_syscalls", "", "32-bit programs run here; their syscalls have other numbers and no tracepoints of their own.", Compat),
        Tried("xdp", "4.8", "Packets as the driver receives them (only loaded, not attached).", Network("try_xdp", "CONFIG_NET")),
        Tried("tc", "4.1", "Packets in traffic control (only loaded, not attached).", Network("try_tc", "CONFIG_NET_CLS_BPF")),
        Tried("cgroup_skb", "4.10", "Packets of a cgroup (only loaded, not attached).", new("try_cgroup_skb")
        {
            Attach = null,
            Needs = Privileges.Bpf,
            Options = ["CONFIG_CGROUP_BPF"],
        }),
    ];

    private static FeatureProbe Tried(string name, string since, string description, ProgramTrial trial) =>
        Of(name, since, description, () => trial.Run(since));

    private static FeatureProbe Of(string name, string since, string description, Func<Finding> look) =>
        new(name, KernelFeatureCategory.Hook, since, description, look);

    private static ProgramTrial Trampoline(string program) => new(program)
    {
        Options = ["CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"],
        Instead = NotNeeded,
    };

    private static ProgramTrial Network(string program, string option) => new(program)
    {
        Attach = null,
        Needs = Privileges.Bpf | Privileges.NetAdmin,
        Options = [option],
    };

    private static Finding Tracepoint()
    {
        bool readable = KernelSupport.Tracefs is not null;
        Finding tried = new ProgramTrial("try_tracepoint")
        {
            Options = ["CONFIG_FTRACE_SYSCALLS"],
            Instead = "The built-in probes then use raw tracepoints.",
            Attach = readable ? program => program.Attach() : null,
        }.Run("4.7");
        if (!tried.Supported || readable)
        {
            return tried;
        }

        return KernelSupport.CanMountTracefs
            ? Finding.Yes("loads; attaches once tracefs is mounted, which the first probe does")
            : Finding.No("Attaching needs tracefs, which can't be read here.", "The built-in probes then use raw tracepoints. For the rest see tracefs.");
    }

    /// <summary>In this process only, at a function that nothing calls meanwhile.</summary>
    private static BpfLink AttachToLibrary(BpfProgram program)
    {
        LoadedCode place = LoadedCode.OfLibBpf(nameof(LibBpf.libbpf_num_possible_cpus))
            ?? throw new EbpfException(EbpfErrorId.NotSupported, "The file that libbpf was loaded from is gone, and it was to be probed.", "Start pwsh again.");
        return program.AttachUserProbe(place.Path, place.Offset, processId: 0);
    }

    private static BpfLink AttachToClock(BpfProgram program)
    {
        using FileDescriptor clock = PerfEvent.OpenClock(frequency: 1);
        return program.AttachPerfEvent(clock);
    }

    private static Finding SecurityModule()
    {
        Finding tried = new ProgramTrial("try_lsm") { Options = ["CONFIG_BPF_LSM"], Instead = NotNeeded }.Run("5.7");
        if (!tried.Supported)
        {
            return tried;
        }

        // Programs load and attach even when the kernel never calls them.
        string[]? modules = SecurityFiles.Modules();
        return modules is null ? Finding.Yes("loads and attaches; whether the kernel calls it is not known: securityfs can't be read")
            : modules.Contains("bpf") ? tried
            : Finding.No(
                $"It loads, but the kernel never calls it: bpf is not among its security modules ({string.Join(',', modules)}).",
                $"{NotNeeded} Boot with lsm={string.Join(',', modules.Where(module => module != "capability"))},bpf on the kernel's command line.");
    }

    private static Finding IoUring()
    {
        ProgramTrial Trial(string program) => new(program) { Options = ["CONFIG_IO_URING"] };
        Finding newer = Trial("try_io_uring_submit_req").Run("5.5");
        Finding older = newer.Supported ? newer : Trial("try_io_uring_submit_sqe").Run("5.5");
        return older.Supported ? older : newer;
    }

    private static Finding Compat()
    {
        const string Seen = "The exec probe sees such programs start, but not their failed execs; the open and connect probes see all of their calls through raw tracepoints only.";
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            // arch/x86/entry/vdso/vdso32-setup.c makes the file where 32-bit programs are built in.
            string missing = File.Exists("/proc/sys/abi/vsyscall32")
                ? Ia32Emulation.OffBecause(KernelSetting.ReadText("/proc/cmdline") ?? "", KernelConfig.Running)
                : "This kernel was built without CONFIG_IA32_EMULATION.";
            return missing.Length == 0 ? Finding.Yes(Seen) : Finding.No(missing, "None is needed: no call escapes the probes in this way.");
        }

        return KernelConfig.Running switch
        {
            null => Finding.No("Whether 32-bit programs run here is not known: the kernel's configuration can't be read.", "None is needed to trace 64-bit programs."),
            KernelConfig config when config.Has("CONFIG_COMPAT") => Finding.Yes(Seen),
            _ => Finding.No("This kernel was built without CONFIG_COMPAT.", "None is needed: no call escapes the probes in this way."),
        };
    }
}
