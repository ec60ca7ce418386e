using System.Text.Json;
using EbpfPs.KernelTests.Host;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>The engine as other users, and on a system that lacks something: in a process of its own.</summary>
public sealed class PrivilegeTests : KernelTest
{
    private static readonly string[] _nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>Something that each probe sees, one after the other.</summary>
    private static readonly string _work =
        $"/bin/cat /dev/null; {Workload.PathOf("connecting")} pair 4 1 1 client >/dev/null; :";

    private static readonly string[] _probes = [.. ProbeCatalog.All.Select(probe => probe.Name)];

    [Fact]
    public void TheTwoCapabilitiesAreEnoughForEveryProbe()
    {
        using GatedWorkload workload = GatedWorkload.Start("/bin/sh", "-c", $"echo ready; read go; {_work}");
        using HostProcess host = HostProcess.Start(
            With("+bpf,+perfmon"),
            ["watch", string.Join(',', _probes), $"pid={workload.ProcessId}", "child=1", "minimum=0", "syscall=openat"]);
        Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
        Assert.Equal(_probes.Select(_ => "raw tracepoint"), Mechanisms(host));
        workload.Finish();
        host.Stop();

        Assert.Equal(_probes.Order(), host.Events.Select(seen => seen.GetProperty("Probe").GetString()!).Distinct().Order());
        AssertLoss(host);
    }

    [Fact]
    public void NobodyIsToldWhichPrivilegesAreMissing()
    {
        IReadOnlyDictionary<string, Refusal> refusals = HostProcess.Refusals(_nobody, _probes);

        Assert.All(_probes, probe => AssertLacks(refusals[probe], "CAP_BPF and CAP_PERFMON"));
    }

    [Theory]
    [InlineData("+bpf", "CAP_PERFMON")]
    [InlineData("+perfmon", "CAP_BPF")]
    public void WithOneOfTheTwoTheOtherIsNamed(string has, string lacks)
    {
        AssertLacks(HostProcess.Refusals(With(has), ["open"])["open"], lacks);
    }

    [Fact]
    public void TheTwoCapabilitiesAreEnoughThroughRawTracepoints()
    {
        using GatedWorkload workload = GatedWorkload.Start("family", "/bin/true");
        using HostProcess host = HostProcess.Start(With("+bpf,+perfmon"), ["watch", "exec,open", $"pid={workload.ProcessId}", "child=1"]);
        Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
        Assert.Equal(["raw tracepoint", "raw tracepoint"], Mechanisms(host));
        workload.Finish();
        host.Stop();

        Assert.Contains(host.Events, seen => seen.GetProperty("Probe").GetString() == "exec" && seen.GetProperty("FileName").GetString() == "/bin/true");
        string[] opened = [.. host.Events.Select(seen => seen.GetProperty("FileName").GetString()!)];
        if (AssertLoss(host) == 0)
        {
            Assert.Superset(new HashSet<string> { "parent", "early-child", "early-grandchild", "late-child", "late-grandchild", "orphan" }, opened.ToHashSet());
        }
    }

    [Fact]
    public void WithoutTracefsTheRawTracepointsAreTaken()
    {
        // In a mount namespace without it, and without CAP_SYS_ADMIN, so that the session can't mount it again.
        string[] hidden =
        [
            "/usr/bin/unshare", "-m", "/bin/sh", "-c",
            "mount -t tmpfs -o size=4k none /sys/kernel/debug && umount -l /sys/kernel/tracing && "
                + "exec /usr/bin/setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- \"$0\" \"$@\"",
        ];
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using HostProcess host = HostProcess.Start(hidden, ["watch", "open", $"pid={workload.ProcessId}"]);
        Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
        Assert.Equal(["raw tracepoint"], Mechanisms(host));
        workload.Finish();

        Assert.Equal(6, host.Stop().Events.Count);
    }

    [Fact]
    public void WithoutTracefsTheClassicTracepointsAreRefusedByName()
    {
        using HostProcess host = HostProcess.Start(With("+bpf,+perfmon"), ["watch", "open", "mechanism=tracepoint"]);

        AssertError(host, EbpfErrorId.NotSupported);
        Assert.Contains("tracefs", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Linux 5.11 stopped counting maps and programs as locked memory: from there on the limit means nothing to them.</summary>
    [Fact]
    public void ALimitOfLockedMemoryIsNamedWhereItCounts()
    {
        string[] limited = ["/usr/bin/prlimit", "--memlock=65536:65536", "/usr/bin/setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource"];
        using HostProcess host = HostProcess.Start(limited, ["watch", "exec"]);

        if (Environment.OSVersion.Version >= new Version(5, 11))
        {
            Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
            host.Stop();
            return;
        }

        AssertError(host, EbpfErrorId.PermissionDenied);
        Assert.Contains("locked memory, of which this process may have 65536 bytes", host.Error.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Contains("ulimit -l unlimited", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/libbpf.so.1")]
    [InlineData("/etc/passwd")]
    public void ALibraryThatCantBeLoaded(string path)
    {
        using HostProcess host = HostProcess.Start([], ["watch", "exec"], ("EBPFPS_LIBBPF", path));

        AssertError(host, EbpfErrorId.LibraryMissing);
        Assert.Contains(path, host.Error.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Contains("EBPFPS_LIBBPF", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EPERM", EbpfErrorId.PermissionDenied, "A seccomp filter on this process refuses bpf(2).")]
    [InlineData("ENOSYS", EbpfErrorId.NotSupported, "The kernel has bpf(2), but a seccomp filter on this process hides it.")]
    public void ASeccompFilterIsNamed(string errno, EbpfErrorId id, string cause)
    {
        IReadOnlyDictionary<string, Refusal> refusals = HostProcess.Refusals([Workload.PathOf("refuse"), "bpf", errno], _probes);

        Assert.All(_probes, probe =>
        {
            Assert.Equal(id.ToString(), refusals[probe].Id);
            Assert.Contains($"({errno}). {cause}", refusals[probe].Message, StringComparison.Ordinal);
            Assert.Contains("seccomp", refusals[probe].Hint, StringComparison.Ordinal);
        });
    }

    /// <summary>Before Linux 5.11 it takes a limit of locked memory too, which root sets: maps and programs count.</summary>
    private static string[] With(string capabilities) =>
        [.. Environment.OSVersion.Version < new Version(5, 11) ? (string[])["/usr/bin/prlimit", "--memlock=unlimited"] : [], .. _nobody, $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}"];

    private static string[] Mechanisms(HostProcess host) =>
        [.. host.Ready.GetProperty("Mechanisms").EnumerateArray().Select(name => name.GetString()!)];

    /// <summary>Nothing is lost but runs that the kernel skipped, where it may.</summary>
    /// <returns>How many.</returns>
    private static long AssertLoss(HostProcess host)
    {
        long lost = host.Loss.GetProperty("Lost").GetInt64();
        Assert.Equal(Machine.MaySkipRuns ? host.Loss.GetProperty("Missed").GetInt64() : 0, lost);
        return lost;
    }

    private static void AssertLacks(Refusal refusal, string capabilities)
    {
        Assert.Equal((nameof(EbpfErrorId.PermissionDenied), 1), (refusal.Id, refusal.Errno));
        Assert.Contains($"This process lacks {capabilities}.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("root", refusal.Hint, StringComparison.Ordinal);
    }

    private static void AssertError(HostProcess host, EbpfErrorId id)
    {
        Assert.Equal(JsonValueKind.Object, host.Error.ValueKind);
        Assert.Equal(id.ToString(), host.Error.GetProperty("Id").GetString());
        Assert.NotEmpty(host.Error.GetProperty("Hint").GetString()!);
    }
}
