using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>IncludeChild, with the processes of tests/workloads/family.c: each opens a file called like itself.</summary>
public sealed class FamilyTests : KernelTest
{
    private static readonly string[] _all =
        ["early-child", "early-grandchild", "late-child", "late-grandchild", "orphan", "parent"];

    [Theory]
    [EachWay]
    public void OneProcessAloneWithoutIt(string mechanism)
    {
        using GatedWorkload family = GatedWorkload.Start("family");

        Assert.Equal(["parent"], Files(Record("open", mechanism, family, new ProcessFilter { ProcessIds = [family.ProcessId] })));
    }

    [Theory]
    [EachWay]
    public void AllThatDescendWithIt(string mechanism)
    {
        using GatedWorkload family = GatedWorkload.Start("family");
        using GatedWorkload stranger = GatedWorkload.Start("opening", "odd");
        ProcessFilter filter = new() { ProcessIds = [family.ProcessId], IncludeChild = true };
        Recording recording = Recorder.Record(Recorder.Options("open", filter, mechanism), () =>
        {
            stranger.Finish();
            family.Finish();
        });

        Assert.Equal(_all, Files(recording));
        Assert.Equal(6, recording.Events.Select(seen => seen.ProcessId).Distinct().Count());
        Assert.Equal(0, recording.Loss.MapFull);
    }

    [Theory]
    [EachWay]
    public void AChildThatBecomesAnotherProgramStaysIn(string mechanism)
    {
        using GatedWorkload family = GatedWorkload.Start("family", "/bin/true");
        ProcessFilter filter = new() { ProcessIds = [family.ProcessId], ProcessNames = ["family"], IncludeChild = true };
        Recording recording = Record("exec,open", mechanism, family, filter);

        ExecEvent exec = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal(("true", family.ProcessId), (exec.ProcessName, exec.ParentProcessId));
        Assert.Contains(recording.Of<OpenEvent>(), seen => seen.ProcessId == exec.ProcessId && seen.ProcessName == "true");
    }

    [Fact]
    public void EveryEndOfTheFamilyIsSeen()
    {
        using GatedWorkload family = GatedWorkload.Start("family");
        ProcessFilter filter = new() { ProcessIds = [family.ProcessId], IncludeChild = true };
        Recording recording = Record("open,exit", null, family, filter);

        // The seventh is the orphan's parent, which opens nothing.
        int[] ended = [.. recording.Of<ExitEvent>().Select(seen => seen.ProcessId).Order()];
        Assert.Equal(7, ended.Length);
        Assert.Equal(7, ended.Distinct().Count());
        Assert.Subset(ended.ToHashSet(), recording.Of<OpenEvent>().Select(seen => seen.ProcessId).ToHashSet());
    }

    [Fact]
    public void AProcessThatNeverWasInIsNot()
    {
        using GatedWorkload family = GatedWorkload.Start("family");
        ProcessFilter filter = new() { ProcessIds = [family.ProcessId], ProcessNames = ["another"], IncludeChild = true };

        Assert.Empty(Record("open", null, family, filter).Events);
    }

    private static string[] Files(Recording recording) =>
        [.. recording.Of<OpenEvent>().Select(seen => seen.FileName).Order(StringComparer.Ordinal)];

    private static Recording Record(string probes, string? mechanism, GatedWorkload family, ProcessFilter filter) =>
        Recorder.Record(Recorder.Options(probes, filter, mechanism), () => family.Finish());
}
