using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.UnitTests;

/// <summary>How what the kernel's files say is understood, and what is said to the user about it.</summary>
public sealed class KernelSupportTests
{
    private const string Initial = "user:[4026531837]";

    private static readonly string[] _maps =
    [
        "55d0c0de0000-55d0c0de1000 r--p 00000000 fe:00 17 /usr/bin/pwsh",
        "7f00c0de0000-7f00c0de1000 r--p 00000000 fe:00 18 /bin/sh",
        "7f00c0de1000-7f00c0de5000 r-xp 00001000 fe:00 18                         /bin/sh",
        "7f00c0de5000-7f00c0de6000 rw-p 00000000 00:00 0 ",
        "7f00c0de6000-7f00c0de7000 r-xp 00000000 fe:00 19 /no/such/libbpf.so.1 (deleted)",
    ];

    [Theory]
    [InlineData("000001fffeffffff", Initial, "")]
    [InlineData("0000000000000000", Initial, "CAP_BPF and CAP_PERFMON")]
    [InlineData("0000008000000000", Initial, "CAP_PERFMON")]
    [InlineData("0000004000000000", Initial, "CAP_BPF")]
    [InlineData("000000c000000000", Initial, "")]
    [InlineData("0000000000200000", Initial, "")]
    [InlineData("000001ffffffffff", "user:[4026532573]", "CAP_BPF and CAP_PERFMON")]
    [InlineData("000000c000000000", null, "")]
    public void CapabilitiesCountInTheInitialNamespaceAlone(string effective, string? userNamespace, string lacks)
    {
        ProcessPrivileges own = Own(effective, 0, userNamespace);

        Assert.Equal(lacks, own.Lacks(Privileges.Tracing).Sentence());
    }

    [Fact]
    public void SeccompIsReadFromTheStatus() => Assert.Equal(2, Own("0", 2).Seccomp);

    [Theory]
    [InlineData("none [integrity] confidentiality", "integrity")]
    [InlineData("[none] integrity confidentiality\n", "none")]
    [InlineData("none integrity", null)]
    [InlineData("", null)]
    public void TheChoiceStandsInBrackets(string choices, string? chosen) =>
        Assert.Equal(chosen, SecurityFiles.Bracketed(choices));

    [Theory]
    [InlineData("000001ffffffffff", 2, 1, 22, "none", "A seccomp filter on this process refuses bpf(2).")]
    [InlineData("000001ffffffffff", 2, 22, 1, "none", "A seccomp filter on this process refuses perf_event_open(2), which attaching needs.")]
    [InlineData("0000000000000000", 0, 22, 22, "none", "This process lacks CAP_BPF and CAP_PERFMON. kernel.unprivileged_bpf_disabled is 2: without CAP_BPF a process may load nothing at all.")]
    [InlineData("0000008000000000", 0, 22, 22, "none", "This process lacks CAP_PERFMON.")]
    [InlineData("0000008000000000", 2, 22, 1, "none", "This process lacks CAP_PERFMON. A seccomp filter is on it as well.")]
    [InlineData("000001ffffffffff", 0, 22, 22, "confidentiality", "The kernel is locked down for confidentiality (Secure Boot, or lockdown= on its command line): it refuses tracefs, kprobes and programs that read its memory.")]
    [InlineData("000001ffffffffff", 0, 22, 22, "integrity", "The process has the capabilities, so a policy of this kernel refuses (lockdown=integrity; security modules lockdown,bpf).")]
    [InlineData("000001ffffffffff", 2, 22, 22, null, "The process has the capabilities, so a policy of this kernel refuses (security modules lockdown,bpf; a seccomp filter is on).")]
    public void TheSurestCauseIsNamed(string effective, int seccomp, int bpf, int perf, string? lockdown, string cause)
    {
        PrivilegeAdvice advice = PrivilegeAdvice.For(LibBpfError.EPERM, Privileges.Tracing, new PrivilegeEvidence
        {
            Own = Own(effective, seccomp),
            Bpf = bpf,
            PerfEventOpen = perf,
            UnprivilegedBpfDisabled = 2,
            Lockdown = lockdown,
            Modules = ["lockdown", "bpf"],
        });

        Assert.Equal(cause, advice.Cause);
        Assert.NotEmpty(advice.Remedy);
    }

    [Theory]
    [InlineData("000001ffffffffff", "This process has CAP_BPF and CAP_PERFMON only in a user namespace of its own (rootless container, unshare -U); bpf(2) asks for capabilities in the initial one.")]
    [InlineData("0000000000000000", "This process is in a user namespace of its own and lacks CAP_BPF and CAP_PERFMON in the initial one.")]
    public void AUserNamespaceIsNamed(string effective, string cause)
    {
        PrivilegeAdvice advice = PrivilegeAdvice.For(
            LibBpfError.EPERM, Privileges.Tracing, new PrivilegeEvidence { Own = Own(effective, 0, "user:[4026532573]"), UnprivilegedBpfDisabled = 2 });

        Assert.Equal(cause, advice.Cause);
        Assert.StartsWith("Run it outside the user namespace, as root.", advice.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRemedyGivesEverythingThatIsNeeded()
    {
        PrivilegeAdvice advice = PrivilegeAdvice.For(
            LibBpfError.EPERM, Privileges.Bpf | Privileges.NetAdmin, new PrivilegeEvidence { Own = Own("0000008000000000", 0), UnprivilegedBpfDisabled = 2 });

        Assert.Equal("This process lacks CAP_NET_ADMIN.", advice.Cause);
        Assert.Contains("--inh-caps +bpf,+perfmon,+net_admin --ambient-caps +bpf,+perfmon,+net_admin pwsh", advice.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("65536", 65536L)]
    [InlineData("unlimited", null)]
    public void AnOldKernelsLimitIsNamed(string soft, long? limit)
    {
        string[] limits =
        [
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max open files            1024                 1048576              files     ",
            $"Max locked memory         {soft,-20} {soft,-20} bytes     ",
        ];
        PrivilegeAdvice advice = PrivilegeAdvice.For(
            LibBpfError.EPERM, Privileges.Tracing, new PrivilegeEvidence { Own = Own("000000c000000000", 0), LockedMemoryLimit = PrivilegeEvidence.LockedMemory(limits) });

        Assert.Equal(limit, PrivilegeEvidence.LockedMemory(limits));
        Assert.StartsWith(limit is null ? "The process has the capabilities" : "Before Linux 5.11 maps and programs count as locked memory, of which this process may have 65536 bytes.", advice.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("000000c000000000", 3, 13, "kernel.perf_event_paranoid is 3")]
    [InlineData("000000c000000000", 3, 1, "The process has the capabilities")]
    [InlineData("000000c000000000", 2, 13, "The process has the capabilities")]
    [InlineData("000000c000200000", 3, 13, "The process has the capabilities")]
    public void ParanoiaBeyondTheKernelsOwnIsNamed(string effective, int paranoid, int errno, string cause)
    {
        PrivilegeAdvice advice = PrivilegeAdvice.For(
            errno, Privileges.Tracing, new PrivilegeEvidence { Own = Own(effective, 0), PerfEventParanoid = paranoid });

        Assert.StartsWith(cause, advice.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void TheConfigurationTellsWhatIsBuiltIn()
    {
        KernelConfig config = KernelConfig.Parse(new StringReader("# Linux\nCONFIG_BPF=y\nCONFIG_TUN=m\n# CONFIG_KPROBES is not set\nCONFIG_HZ=250\nCONFIG_LSM=\"bpf\"\n"));

        Assert.True(config.Has("CONFIG_BPF"));
        Assert.True(config.Has("CONFIG_TUN"));
        Assert.False(config.Has("CONFIG_KPROBES"));
        Assert.False(config.Has("CONFIG_LSM"));
    }

    [Theory]
    [InlineData("quiet", false, "")]
    [InlineData("quiet ia32_emulation=0 splash\n", false, "ia32_emulation=0 is on")]
    [InlineData("ia32_emulation=off", false, "ia32_emulation=off is on")]
    [InlineData("ia32_emulation=false", true, "ia32_emulation=false is on")]
    [InlineData("ia32_emulation=0 ia32_emulation=Yes", false, "")]
    [InlineData("ia32_emulation=0 ia32_emulation=maybe", false, "ia32_emulation=0 is on")]
    [InlineData("quiet", true, "This kernel was built with CONFIG_IA32_EMULATION_DEFAULT_DISABLED")]
    [InlineData("ia32_emulation=on", true, "")]
    [InlineData("ia32_emulation= not_ia32_emulation=1", true, "This kernel was built with")]
    public void ThirtyTwoBitProgramsMayBeSwitchedOff(string commandLine, bool offByDefault, string reason)
    {
        KernelConfig config = KernelConfig.Parse(new StringReader($"CONFIG_IA32_EMULATION_DEFAULT_DISABLED={(offByDefault ? "y" : "n")}\n"));

        string said = Ia32Emulation.OffBecause(commandLine, config);
        Assert.Equal(reason.Length == 0, said.Length == 0);
        Assert.StartsWith(reason, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cgroup2", "/sys/fs/cgroup/unified")]
    [InlineData("tracefs", "/with space")]
    [InlineData("bpf", null)]
    public void MountsAreFoundByType(string type, string? folder)
    {
        string[] lines =
        [
            "24 23 0:22 / /sys/fs/cgroup rw - tmpfs bpf rw",
            @"25 23 0:23 / /with\040space rw,relatime shared:7 - tracefs tracefs rw",
            "26 24 0:24 / /sys/fs/cgroup/unified rw shared:8 master:1 - cgroup2 cgroup2 rw",
            "27 24 0:24 / /second rw - cgroup2 cgroup2 rw",
        ];

        Assert.Equal(folder, MountTable.Find(type, lines));
    }

    [Fact]
    public void CodeIsFoundInItsFile()
    {
        Assert.Equal(new LoadedCode("/bin/sh", 0x1234), LoadedCode.Find(0x7f00c0de1234, _maps));
        Assert.Null(LoadedCode.Find(0x7f00c0de5000, _maps));
        Assert.Null(LoadedCode.Find(0x7f00c0de6010, _maps));
        Assert.Null(LoadedCode.Find(0x10, _maps));
    }

    [Fact]
    public void EveryFeatureHasANameAndADescription()
    {
        Assert.Equal(KernelFeatures.Descriptions.Count, KernelFeatures.Descriptions.Select(one => one.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(KernelFeatures.Descriptions, one => Assert.EndsWith(".", one.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(KernelFeatures.Descriptions, one => one.Key.Contains(' ', StringComparison.Ordinal));
    }

    [Fact]
    public void AnUnknownFeatureIsRefusedWithTheNames()
    {
        EbpfException error = Assert.Throws<EbpfException>(() => KernelFeatures.Test("ktap"));

        Assert.Equal(EbpfErrorId.NotFound, error.Id);
        Assert.Equal("ktap", error.Target);
        Assert.Contains("tracepoint", error.Hint, StringComparison.Ordinal);
    }

    /// <summary>A program that nothing tries, or a name that no program has, would go unseen on a kernel that refuses anyway.</summary>
    [Fact]
    public void EveryProgramOfTheObjectIsTried()
    {
        string source = File.ReadAllText(Path.Combine(Sources.Root, "bpf/support.bpf.c"));
        IEnumerable<string> programs = Regex.Matches(source, @"^int (try_\w+)\(", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        IEnumerable<string> tried = Sources.Below("src/EbpfPs.Engine/Bpf", ".cs")
            .SelectMany(path => Regex.Matches(File.ReadAllText(Path.Combine(Sources.Root, path)), "\"(try_\\w+)\""))
            .Select(match => match.Groups[1].Value);

        Assert.Equal(programs.Order(StringComparer.Ordinal), tried.Distinct().Order(StringComparer.Ordinal));
    }

    private static ProcessPrivileges Own(string effective, int seccomp, string? userNamespace = Initial) => ProcessPrivileges.Parse(
        ["Name:\tpwsh", "CapPrm:\t000001ffffffffff", $"CapEff:\t{effective}", "NoNewPrivs:\t0", $"Seccomp:\t{seccomp}", "Seccomp_filters:\t1"],
        userNamespace);
}
