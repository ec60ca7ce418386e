using System.Text.Json;
using EbpfPs.Events;
using EbpfPs.KernelTests.Host;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// A tracing process in a container's namespaces, and processes in containers' cgroups: real ones of the test's own, under
/// the names that container runtimes give them.
/// </summary>
public sealed class ContainerTests : KernelTest
{
    private const int Odd = 6;
    private const string Ours = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Other = "2222222222222222222222222222222222222222222222222222222222222222";

    /// <summary>Enters a cgroup, then namespaces for cgroups, mounts and pids, as a container's first process does.</summary>
    private const string Enter =
        "echo 0 >$1/cgroup.procs && mount=$2 && shift 2 && exec unshare -mCpf --mount-proc sh -c 'umount $0 && mount -t cgroup2 none $0 && exec \"$@\"' $mount \"$@\"";

    /// <summary>A hybrid host's mounts without cgroup v2, as a host has them that knows v1 alone.</summary>
    private static readonly string[] _legacyAlone =
        ["/usr/bin/unshare", "-m", "/bin/sh", "-c", "umount -l \"$0\" && ! grep -q ' - cgroup2 ' /proc/self/mountinfo && exec \"$@\"", Machine.CgroupMount];

    private readonly OwnCgroup _cgroup = new(Machine.CgroupMount);
    private readonly string _ours;
    private readonly string _other;
    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    public ContainerTests()
    {
        _ours = _cgroup.Add($"kubepods.slice/kubepods-pod0a1b.slice/cri-containerd-{Ours}.scope");
        _other = _cgroup.Add($"docker/{Other}");
    }

    [Theory]
    [EachWay]
    public void InAContainerEachProcessHasItsOwn(string mechanism)
    {
        string outside = Path.Combine(_folder, "opened from another container");
        using GatedWorkload other = GatedWorkload.Start("opening", "openat", "/", outside, "0", "0");
        OwnCgroup.Enter(_other, other.ProcessId);
        using HostProcess host = HostProcess.Start(InContainer(), ["workload", mechanism, outside]);
        Assert.Equal(1, host.Ready.GetProperty("ProcessId").GetInt32());
        other.Finish();
        host.Stop();

        // The pid is that of the container, which the filter took; the name above its cgroup namespace is the container's.
        int workload = host.Ready.GetProperty("WorkloadId").GetInt32();
        Assert.All(host.Events.Take(Odd), seen => Assert.Equal((workload, Ours), (ProcessId(seen), ContainerId(seen))));
        JsonElement last = Assert.Single(host.Events.Skip(Odd));
        Assert.Equal((outside, 0, Other), (last.GetProperty("FileName").GetString(), ProcessId(last), ContainerId(last)));
    }

    [Theory]
    [InlineData("raw tracepoint", "/")]
    [InlineData("tracepoint", "")]
    public void InAContainerACgroupPathIsThatOfItsNamespace(string mechanism, string path)
    {
        using GatedWorkload inside = GatedWorkload.Start("opening", "odd");
        using GatedWorkload outside = GatedWorkload.Start("opening", "odd");
        OwnCgroup.Enter(_ours, inside.ProcessId);
        OwnCgroup.Enter(_other, outside.ProcessId);
        string cgroup = path.Length > 0 ? path : Machine.CgroupMount;
        using HostProcess host = HostProcess.Start(InContainer(), ["watch", "open", $"mechanism={mechanism}", $"cgroup={cgroup}", "name=opening"]);
        Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
        outside.Finish();
        AssertSeesOurs(host, inside);
    }

    [Fact]
    public void WithoutTheRightToOpenByHandleTheTreeIsSearched()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        OwnCgroup.Enter(_ours, workload.ProcessId);
        using HostProcess host = HostProcess.Start(
            ["/usr/bin/setpriv", "--bounding-set=-dac_read_search"], ["watch", "open", $"pid={workload.ProcessId}"]);
        AssertSeesOurs(host, workload);
    }

    [LegacyCgroupFact]
    public void AContainerOfCgroupV1AloneIsFound()
    {
        using OwnCgroup legacy = new(LegacyCgroupFactAttribute.Mount!);
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        OwnCgroup.Enter(legacy.Add($"docker/{Ours}"), workload.ProcessId);
        OpenEvent[] seen = RecordOpens(workload);

        Assert.All(seen, one => Assert.Equal((Ours, Machine.CgroupIdOf(Environment.ProcessId)), (one.ContainerId, one.CgroupId)));
    }

    [LegacyCgroupFact]
    public void OfTwoHierarchiesCgroupV2HasTheSay()
    {
        using OwnCgroup legacy = new(LegacyCgroupFactAttribute.Mount!);
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        OwnCgroup.Enter(legacy.Add($"docker/{Ours}"), workload.ProcessId);
        OwnCgroup.Enter(_other, workload.ProcessId);

        Assert.All(RecordOpens(workload), one => Assert.Equal(Other, one.ContainerId));
    }

    [LegacyCgroupFact]
    public void ACgroupV1PathIsRefusedAsWhatItIs()
    {
        SessionOptions options = Recorder.Options("open", new ProcessFilter { CgroupPaths = [LegacyCgroupFactAttribute.Mount!] });

        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Load(options));
        Assert.Equal((EbpfErrorId.NotFound, LegacyCgroupFactAttribute.Mount), (error.Id, error.Target));
        Assert.Contains("is not in the cgroup v2 hierarchy", error.Message, StringComparison.Ordinal);
    }

    [LegacyCgroupFact]
    public void WithCgroupV1AloneTheContainerIsFound()
    {
        using OwnCgroup legacy = new(LegacyCgroupFactAttribute.Mount!);
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        OwnCgroup.Enter(legacy.Add($"docker/{Ours}"), workload.ProcessId);
        using HostProcess host = HostProcess.Start(_legacyAlone, ["watch", "open", $"pid={workload.ProcessId}"]);
        AssertSeesOurs(host, workload);
    }

    [LegacyCgroupFact]
    public void WithCgroupV1AloneNothingIsChosenByCgroup()
    {
        using HostProcess host = HostProcess.Start(_legacyAlone, ["watch", "open", "cgroup=/"]);

        Assert.Equal(nameof(EbpfErrorId.NotSupported), host.Error.GetProperty("Id").GetString());
        Assert.Contains("No cgroup v2 hierarchy is mounted", host.Error.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Contains("mount -t cgroup2", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
    }

    /// <summary>The host has all of the workload's opens, none else, each with the container that the workload is in.</summary>
    private static void AssertSeesOurs(HostProcess host, GatedWorkload workload)
    {
        workload.Finish();
        host.Stop();

        Assert.Equal(Odd, host.Events.Count);
        Assert.All(host.Events, seen => Assert.Equal(Ours, ContainerId(seen)));
    }

    [Theory]
    [EachWay]
    public void OfAUserNamespaceTheUserIsThatOfTheHost(string mechanism)
    {
        // Inside, its user is nobody: nothing maps root.
        using GatedWorkload workload = GatedWorkload.Start("/usr/bin/unshare", "-U", Workload.PathOf("opening"), "odd");
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], UserIds = [0] };
        OpenEvent[] seen = Recorder.Record(Recorder.Options("open", filter, mechanism), () => workload.Finish()).Of<OpenEvent>();

        Assert.Equal(Odd, seen.Length);
        Assert.All(seen, one => Assert.Equal((0U, "root", 0U), (one.UserId, one.UserName, one.GroupId)));
    }

    [Fact]
    public void InAUserNamespaceTheErrorNamesIt()
    {
        using HostProcess host = HostProcess.Start(["/usr/bin/unshare", "-Ur"], ["watch", "open"]);

        Assert.Contains("user namespace", host.Error.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Contains("--userns=host", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        _cgroup.Dispose();
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static OpenEvent[] RecordOpens(GatedWorkload workload)
    {
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId] };
        OpenEvent[] seen = Recorder.Record(Recorder.Options("open", filter), () => workload.Finish()).Of<OpenEvent>();
        Assert.Equal(Odd, seen.Length);
        return seen;
    }

    private static int ProcessId(JsonElement seen) => seen.GetProperty("ProcessId").GetInt32();

    private static string ContainerId(JsonElement seen) => seen.GetProperty("ContainerId").GetString()!;

    private string[] InContainer() => ["/bin/sh", "-c", Enter, "sh", _ours, Machine.CgroupMount];
}

/// <summary>A test that needs a controller in a cgroup v1 hierarchy: skipped by name where all are in v2.</summary>
public sealed class LegacyCgroupFactAttribute : FactAttribute
{
    private const string Table = "/proc/self/mountinfo";

    /// <remarks>A hierarchy with a name has no controller. Not by <see cref="Mount"/>, which is the product's word.</remarks>
    public LegacyCgroupFactAttribute() => Skip = File.ReadLines(Table).Any(line =>
        line.Contains(" - cgroup ", StringComparison.Ordinal) && !line.Contains("name=", StringComparison.Ordinal))
        ? null : "needs a controller in a cgroup v1 hierarchy (a hybrid host)";

    /// <summary>Where that hierarchy is mounted, if anywhere.</summary>
    internal static string? Mount { get; } = CgroupMounts.Parse(File.ReadLines(Table)).Legacy?.Point;
}
