using System.Text.Json;
using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>The features as they are found here, against what bpftool finds and what the kernel's files say.</summary>
public sealed class KernelSupportTests : KernelTest
{
    private static readonly Lazy<Dictionary<string, KernelFeature>> _all =
        new(() => KernelFeatures.TestAll().ToDictionary(feature => feature.Name));

    /// <summary>
    /// A feature, and where bpftool has it. Its "tracing" type is what it tries with fentry; BTF tracepoints are of
    /// the same type and may work where it says no.
    /// </summary>
    public static TheoryData<string, string, string> OfBpftool() => new()
    {
        { "bpf", "syscall_config", "have_bpf_syscall" },
        { "btf", "system_config", "CONFIG_DEBUG_INFO_BTF" },
        { "tracepoint", "program_types", "have_tracepoint_prog_type" },
        { "raw_tracepoint", "program_types", "have_raw_tracepoint_prog_type" },
        { "kprobe", "system_config", "CONFIG_KPROBE_EVENTS" },
        { "uprobe", "system_config", "CONFIG_UPROBE_EVENTS" },
        { "fentry", "program_types", "have_tracing_prog_type" },
        { "perf_event", "program_types", "have_perf_event_prog_type" },
        { "xdp", "program_types", "have_xdp_prog_type" },
        { "tc", "program_types", "have_sched_cls_prog_type" },
        { "cgroup_skb", "program_types", "have_cgroup_skb_prog_type" },
        { "ringbuf", "map_types", "have_ringbuf_map_type" },
        { "task_storage", "tracepoint_available_helpers", "bpf_task_storage_get" },
        { "bpf_task_pt_regs", "tracepoint_available_helpers", "bpf_task_pt_regs" },
        { "bpf_loop", "tracepoint_available_helpers", "bpf_loop" },
        { "lockdown", "tracepoint_available_helpers", "bpf_probe_read_kernel" },
    };

    [BpftoolTheory]
    [MemberData(nameof(OfBpftool))]
    public void BpftoolFindsTheSame(string feature, string section, string name)
    {
        JsonElement found = Bpftool.Probe.Value;
        bool theirs = section.EndsWith("_available_helpers", StringComparison.Ordinal)
            ? found.GetProperty("helpers").GetProperty(section).EnumerateArray().Any(helper => helper.GetString() == name)
            : IsTrue(found.GetProperty(section).GetProperty(name));

        Assert.Equal((feature, theirs), (feature, _all.Value[feature].Supported));
    }

    [BpftoolFact]
    public void BpftoolReadsTheSameSettings()
    {
        JsonElement system = Bpftool.Probe.Value.GetProperty("system_config");
        int unprivileged = system.GetProperty("unprivileged_bpf_disabled").GetInt32();

        Assert.Equal($"kernel.unprivileged_bpf_disabled={unprivileged}", _all.Value["unprivileged_bpf"].Detail);
        Assert.Equal(unprivileged == 0, _all.Value["unprivileged_bpf"].Supported);
        Assert.Equal(system.GetProperty("bpf_jit_enable").GetInt32() > 0, _all.Value["jit"].Supported);
    }

    /// <summary>bpftool only loads LSM programs; the kernel may never call them.</summary>
    [BpftoolFact]
    public void WhatBpftoolCannotLoadIsNotSupported()
    {
        if (!Bpftool.Probe.Value.GetProperty("program_types").GetProperty("have_lsm_prog_type").GetBoolean())
        {
            Assert.False(_all.Value["lsm"].Supported);
        }

        Assert.Equal(_all.Value["fentry"].Supported, _all.Value["fexit"].Supported);
    }

    [Fact]
    public void EveryFeatureComesWithWhatIsNeeded()
    {
        Assert.Equal(KernelFeatures.Descriptions.Select(one => one.Key), KernelFeatures.TestAll().Select(feature => feature.Name));
        foreach (KernelFeature feature in _all.Value.Values)
        {
            Assert.Equal((feature.Name, feature.Supported), (feature.Name, feature.Reason.Length == 0));
            Assert.Equal((feature.Name, feature.Supported), (feature.Name, feature.Remedy.Length == 0));
            Assert.True(!feature.Supported || feature.Detail.Length > 0, feature.Name);
            Assert.True(feature.Since.Length == 0 || Version.TryParse(feature.Since, out _), feature.Name);
        }
    }

    [Fact]
    public void KprobesWorkWhereTheKernelHasThem()
    {
        bool builtIn = Directory.Exists("/sys/bus/event_source/devices/kprobe")
            || File.Exists(Path.Combine(KernelSupport.Tracefs ?? "/none", "kprobe_events"));

        Assert.Equal(builtIn, _all.Value["kprobe"].Supported);
        if (!builtIn)
        {
            Assert.StartsWith("ENOENT on attaching: the kernel has no such hook.", _all.Value["kprobe"].Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>The built-in probes stand on these: without them no other kernel test could pass.</summary>
    [Theory]
    [InlineData("kernel")]
    [InlineData("libbpf")]
    [InlineData("bpf")]
    [InlineData("btf")]
    [InlineData("tracefs")]
    [InlineData("CAP_BPF")]
    [InlineData("CAP_PERFMON")]
    [InlineData("CAP_SYS_ADMIN")]
    [InlineData("tracepoint")]
    [InlineData("tp_btf")]
    [InlineData("raw_tracepoint")]
    [InlineData("ringbuf")]
    public void WhatTheProbesStandOnWorks(string feature) => Assert.Equal(("", true), (_all.Value[feature].Reason, _all.Value[feature].Supported));

    [Fact]
    public void SessionsAndFeaturesAgree()
    {
        Assert.Equal(KernelSupport.TaskStorage, _all.Value["task_storage"].Supported);
        Assert.Equal(KernelSupport.Tracefs, _all.Value["tracefs"].Detail);
        Assert.Null(KernelSupport.Obstacle);
        foreach (ProbeSpec probe in ProbeCatalog.All)
        {
            using ProbeSession session = ProbeSession.Load(Recorder.Options(probe.Name));

            Assert.Equal(session.Probes.Single().Mechanism, ProbeCatalog.MechanismHere(probe));
        }
    }

    [Fact]
    public void OneFeatureIsFoundByItsNameInAnyCase() => Assert.Equal(_all.Value["CAP_BPF"], KernelFeatures.Test("cap_bpf"));

    private static bool IsTrue(JsonElement value) =>
        value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.GetString() is "y" or "m");
}

/// <summary>What bpftool of the system finds; it comes with the packages that build the project.</summary>
internal static class Bpftool
{
    private static readonly string[] _folders = ["/usr/sbin", "/sbin", "/usr/bin"];

    public static string? Path { get; } =
        _folders.Select(folder => System.IO.Path.Combine(folder, "bpftool")).FirstOrDefault(File.Exists);

    public static Lazy<JsonElement> Probe { get; } = new(() =>
    {
        Workload run = Workload.Run(Path!, "-j", "feature", "probe", "kernel");
        Assert.Equal(0, run.ExitCode);
        return JsonDocument.Parse(run.Output).RootElement;
    });
}

/// <summary>A test that needs bpftool; skipped by name where there is none.</summary>
internal sealed class BpftoolFactAttribute : FactAttribute
{
    public BpftoolFactAttribute() => Skip = Bpftool.Path is null ? "bpftool is not installed" : null;

    /// <param name="feature">What it needs of the kernel too.</param>
    /// <param name="since">The first kernel that has that.</param>
    public BpftoolFactAttribute(string feature, string since)
        : this() => Skip ??= Environment.OSVersion.Version < new Version(since) ? $"{feature} came with Linux {since}" : null;
}

/// <inheritdoc cref="BpftoolFactAttribute"/>
internal sealed class BpftoolTheoryAttribute : TheoryAttribute
{
    public BpftoolTheoryAttribute() => Skip = Bpftool.Path is null ? "bpftool is not installed" : null;
}
