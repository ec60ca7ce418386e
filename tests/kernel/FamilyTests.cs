using System.Diagnostics;
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
        Recording recording = Recorder.RecordWhole(() =>
        {
            using GatedWorkload family = GatedWorkload.Start("family");
            using GatedWorkload stranger = GatedWorkload.Start("opening", "odd");
            ProcessFilter filter = new() { ProcessIds = [family.ProcessId], IncludeChild = true };
            return Recorder.Record(Recorder.Options("open", filter, mechanism), () =>
            {
                stranger.Finish();
                family.Finish();
            });
        });

        Assert.Equal(_all, Files(recording));
        Assert.Equal(6, recording.Events.Select(seen => seen.ProcessId).Distinct().Count());
        Assert.Equal(0, recording.Loss.MapFull);
    }

    [Theory]
    [EachWay]
    public void AChildThatBecomesAnotherProgramStaysIn(string mechanism)
    {
        int parent = 0;
        Recording recording = Recorder.RecordWhole(() =>
        {
            using GatedWorkload family = GatedWorkload.Start("family", "/bin/true");
            parent = family.ProcessId;
            ProcessFilter filter = new() { ProcessIds = [parent], ProcessNames = ["family"], IncludeChild = true };
            return Record("exec,open", mechanism, family, filter);
        });

        ExecEvent exec = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal(("true", parent), (exec.ProcessName, exec.ParentProcessId));
        Assert.Contains(recording.Of<OpenEvent>(), seen => seen.ProcessId == exec.ProcessId && seen.ProcessName == "true");
    }

    [Fact]
    public void EveryEndOfTheFamilyIsSeen()
    {
        Recording recording = Recorder.RecordWhole(() =>
        {
            using GatedWorkload family = GatedWorkload.Start("family");
            return Record("open,exit", null, family, new ProcessFilter { ProcessIds = [family.ProcessId], IncludeChild = true });
        });

        // The seventh is the orphan's parent, which opens nothing.
        int[] ended = [.. recording.Of<ExitEvent>().Select(seen => seen.ProcessId).Order()];
        Assert.Equal(7, ended.Length);
        Assert.Equal(7, ended.Distinct().Count());
        Assert.Subset(ended.ToHashSet(), recording.Of<OpenEvent>().Select(seen => seen.ProcessId).ToHashSet());
    }

    /// <summary>A child that had ended before, which nobody waits for, keeps the family no longer than it lives.</summary>
    [Fact]
    public void AZombieIsNoMember()
    {
        // The child ends when the shell, which would wait for it, has become another program.
        using GatedWorkload parent = GatedWorkload.Start("/bin/sh", "-c", "/bin/sleep 1 & echo ready; exec head -n 1");
        int child = Machine.ChildOf(parent.ProcessId);
        Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal), TimeSpan.FromSeconds(10)));
        using ProbeSession session = ProbeSession.Start(
            Recorder.Options("exec", new ProcessFilter { ProcessIds = [parent.ProcessId], IncludeChild = true }));

        Assert.False(session.FamilyIsEmpty());
        parent.Finish();
        Assert.True(session.FamilyIsEmpty());
    }

    /// <summary>What it closes when it is killed is after its end, as far as the family goes.</summary>
    [Fact]
    public void AKilledProcessDoesNotComeBackToCloseItsConnections()
    {
        using Process older = Workload.Start("connecting", "older");
        Assert.NotNull(older.StandardOutput.ReadLine());
        ProcessFilter filter = new() { ProcessIds = [older.Id], IncludeChild = true };
        using ProbeSession session = ProbeSession.Start(Recorder.Options("connect", filter));
        older.Kill();
        older.WaitForExit();

        // Its files are closed before anybody is told of its end.
        Assert.True(session.FamilyIsEmpty());
        using EventReader reader = session.OpenReader();
        Assert.Equal(ConnectAction.Close, Assert.IsType<ConnectEvent>(reader.Read(TimeSpan.FromSeconds(5))).Action);
    }

    /// <summary>Who traces its own ancestor must not be what the trace waits for.</summary>
    [Fact]
    public void TheReaderIsNoMember()
    {
        int parent = Machine.ParentOf(Environment.ProcessId);
        using ProbeSession session = ProbeSession.Start(Recorder.Options("exec", new ProcessFilter { ProcessIds = [parent], IncludeChild = true }));

        uint[] members = session.Maps.Single(map => map.Name == "family").Entries(false).Select(entry => (uint)entry.Key!).ToArray();
        Assert.Contains((uint)parent, members);
        Assert.DoesNotContain((uint)Environment.ProcessId, members);
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
