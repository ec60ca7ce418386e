using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The kernel, its settings, and the library.</summary>
internal static class SystemFeatures
{
    private const string UnprivilegedBpf = "kernel.unprivileged_bpf_disabled";

    /// <summary>From here on the kernel looks at bpf(2)'s command before it looks at privileges: see <see cref="SyscallAnswer.Bpf"/>.</summary>
    private static readonly Version _namesCommandsFirst = new(5, 19);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeatureProbe> All { get; } =
    [
        Of("kernel", "", "The kernel's release, and programs that are compiled for its architecture.", Kernel),
        Of("libbpf", "", "The library that loads programs.", Library),
        Of("bpf", "3.18", "The bpf(2) syscall.", Syscall),
        Of("seccomp", "3.5", "No seccomp filter keeps bpf(2) or perf_event_open(2) from this process.", Seccomp),
        Of("lockdown", "5.4", "Kernel lockdown lets programs read the kernel's memory.", Lockdown),
        Of("unprivileged_bpf", "4.4", "Whether processes without capabilities may load some programs.", Unprivileged),
        Of("btf", "5.4", "The kernel's own types, which programs are fitted to when they are loaded.", Types),
        Of("jit", "4.1", "Programs become machine code.", Compiler),
    ];

    private static FeatureProbe Of(string name, string since, string description, Func<Finding> look) =>
        new(name, KernelFeatureCategory.System, since, description, look);

    private static Finding Kernel()
    {
        string detail = $"{KernelSetting.ReadText("/proc/sys/kernel/osrelease")} {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        try
        {
            ObjectFile.Read(ProgramTrial.ObjectName);
            return Finding.Yes(detail);
        }
        catch (EbpfException error)
        {
            return Finding.No(error.Message, error.Hint, detail);
        }
    }

    private static Finding Library()
    {
        string version = BpfObject.Text(LibBpf.libbpf_version_string());
        return Finding.Yes($"{version} from {LoadedCode.OfLibBpf(nameof(LibBpf.libbpf_version_string))?.Path ?? NativeLibraries.LoadedFrom}");
    }

    private static Finding Syscall()
    {
        int answer = SyscallAnswer.Bpf();
        if (answer == LibBpfError.EINVAL)
        {
            return Finding.Yes("it reaches the kernel");
        }

        return Refused(answer == LibBpfError.ENOSYS ? PrivilegeAdvice.ForMissingSyscall() : PrivilegeAdvice.Find(needed: Privileges.Bpf));
    }

    private static Finding Seccomp()
    {
        ProcessPrivileges own = ProcessPrivileges.Read();
        if (own.Seccomp == 0)
        {
            return Finding.Yes("no filter");
        }

        int bpf = SyscallAnswer.Bpf();
        int perf = SyscallAnswer.PerfEventOpen();
        if (bpf == LibBpfError.EINVAL && perf == LibBpfError.EINVAL)
        {
            return Finding.Yes("a filter is on and lets both pass");
        }

        if (bpf == LibBpfError.EPERM && own.Lacks(Privileges.Bpf) != Privileges.None && Environment.OSVersion.Version < _namesCommandsFirst)
        {
            return Finding.No(
                "A filter is on, and bpf(2) answers EPERM; on this kernel that may be for want of CAP_BPF, too.",
                "Try again with CAP_BPF.");
        }

        return Refused(bpf == LibBpfError.ENOSYS ? PrivilegeAdvice.ForMissingSyscall() : PrivilegeAdvice.Find(needed: Privileges.None));
    }

    private static Finding Lockdown()
    {
        if (SecurityFiles.Lockdown() is string mode)
        {
            PrivilegeAdvice? locked = PrivilegeAdvice.ForLockdown();
            return locked is null ? Finding.Yes("mode " + mode) : Finding.No(locked.Cause, locked.Remedy, "mode " + mode);
        }

        Finding tried = new ProgramTrial("try_read_kernel") { Attach = null }.Run("5.5");
        return tried.Supported
            ? Finding.Yes("programs may read kernel memory")
            : Finding.No($"The mode can't be read here, and could not be tried: {tried.Reason}", tried.Remedy);
    }

    private static Finding Unprivileged()
    {
        int? value = KernelSetting.Read("/proc/sys/kernel/unprivileged_bpf_disabled");
        string detail = $"{UnprivilegedBpf}={value}";
        return value switch
        {
            0 => Finding.Yes(detail),
            null => Refused(PrivilegeAdvice.ForMissingSyscall()),
            _ => Finding.No(
                $"{UnprivilegedBpf} is {value}: bpf(2) is for processes with CAP_BPF.",
                "None is needed: tracing takes CAP_BPF and CAP_PERFMON in any case, and to keep others out is the safe setting.",
                detail),
        };
    }

    private static Finding Types() =>
        !KernelBtf.IsReadable ? Finding.No(KernelBtf.Missing, KernelBtf.Remedy)
        : File.Exists(KernelBtf.Path) ? Finding.Yes(KernelBtf.Path)
        : Finding.Yes("from the kernel's debug package");

    private static Finding Compiler() => new ProgramTrial("try_raw_tracepoint")
    {
        Attach = null,
        Look = program => program.IsCompiled
            ? Finding.Yes("a program was compiled")
            : Finding.No("The kernel interprets programs.", "sysctl net.core.bpf_jit_enable=1, or a kernel built with CONFIG_BPF_JIT=y."),
    }.Run("4.1");

    private static Finding Refused(PrivilegeAdvice advice) => Finding.No(advice.Cause, advice.Remedy);
}
