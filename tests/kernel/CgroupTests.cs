using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Processes chosen by cgroup, in cgroups of the test's own.</summary>
public sealed class CgroupTests : KernelTest
{
    private const string ContainerId = "4f2a9c0b7d1e8f3a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a";

    private readonly string _path = $"/ebpfps-test-{Environment.ProcessId}";
    private readonly string _container;

    public CgroupTests()
    {
        _container = $"{_path}/docker-{ContainerId}.scope";
        Directory.CreateDirectory(Machine.CgroupMount + _container);
    }

    [Theory]
    [EachWay("", true)]
    [EachWay("/docker-" + ContainerId + ".scope", true)]
    [EachWay("/docker-" + ContainerId + ".scope/", true)]
    [EachWay("/other", false)]
    public void ThePathAndAllBelowIt(string mechanism, string below, bool within)
    {
        Directory.CreateDirectory($"{Machine.CgroupMount}{_path}/other");
        foreach (string prefix in new[] { "", Machine.CgroupMount })
        {
            Recording recording = Record(mechanism, child: false, prefix + _path + below);

            Assert.Equal(within ? 6 : 0, recording.Events.Count);
        }
    }

    [Fact]
    public void AnyOfSeveralWillDo()
    {
        Directory.CreateDirectory($"{Machine.CgroupMount}{_path}/other");

        Assert.Equal(6, Record(null, child: false, $"{_path}/other", _container).Events.Count);
    }

    [Fact]
    public void ProcessesThatAreInItAlreadyAreInTheFamily() =>
        Assert.Equal(6, Record(null, child: true, _path).Events.Count);

    [Fact]
    public void EventsSayWhichCgroupAndContainer()
    {
        OpenEvent seen = Record(null, child: false, _path).Of<OpenEvent>()[0];

        Assert.Equal(Machine.CgroupId(Machine.CgroupMount + _container), seen.CgroupId);
        Assert.Equal(ContainerId, seen.ContainerId);
    }

    [Fact]
    public void ACgroupThatIsNotIsRefused()
    {
        SessionOptions options = Recorder.Options("open", new ProcessFilter { CgroupPaths = ["/no/such/cgroup"] });

        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Load(options));
        Assert.Equal((EbpfErrorId.NotFound, "/no/such/cgroup"), (error.Id, error.Target));
    }

    protected override void Dispose(bool disposing)
    {
        foreach (string folder in Directory.EnumerateDirectories(Machine.CgroupMount + _path).Append(Machine.CgroupMount + _path))
        {
            OwnCgroup.Remove(folder);
        }

        base.Dispose(disposing);
    }

    private Recording Record(string? mechanism, bool child, params string[] paths)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        File.WriteAllText($"{Machine.CgroupMount}{_container}/cgroup.procs", $"{workload.ProcessId}");
        return Recorder.Record(
            Recorder.Options("open", new ProcessFilter { CgroupPaths = paths, IncludeChild = child }, mechanism),
            () => workload.Finish());
    }
}
