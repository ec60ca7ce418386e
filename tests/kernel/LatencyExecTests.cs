using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>How long an exec took: it begins in one program and returns in another.</summary>
public sealed class LatencyExecTests : KernelTest
{
    [Theory]
    [EachWay]
    public void AnExecReturnsInTheNewProgram(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["execve"], TimeSpan.Zero, ["exec", "/bin/true"]);

        LatencyEvent seen = Assert.Single(run.Events);
        Assert.Equal(("execve", "true", 0L), (seen.Syscall, seen.ProcessName, seen.ReturnValue));
        Assert.Equal(1, run.HistogramOf("execve", "true").Count);
    }

    /// <summary>A filter by name takes what the event says: of an exec that succeeds the new program's.</summary>
    [Theory]
    [EachWay]
    public void AFilterByNameMeansTheNewProgramsOfAnExec(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("calling", "exec", "/bin/true");
        LatencyEvent[] Execs(string name, Action work) => Recorder.Record(
            new SessionOptions
            {
                Probes = [ProbeCatalog.Find("latency")],
                Filter = new ProcessFilter { ProcessNames = [name] },
                Mechanism = mechanism,
                Syscalls = ["execve"],
                MinimumDuration = TimeSpan.Zero,
            },
            work).Of<LatencyEvent>();
        LatencyEvent[] asOld = [], asNew = Execs("true", () => asOld = Execs("calling", () => workload.Finish()));

        Assert.Single(asNew, seen => seen.ProcessId == workload.ProcessId);
        Assert.Empty(asOld);
    }

    /// <summary>The exit comes with the other table's number: the name is that of the entry.</summary>
    [Fact]
    public void AnExecOfA32BitProgramIsTheCallersCall()
    {
        LatencyRun run = LatencyRun.Of("raw tracepoint", ["execve", "getpid"], TimeSpan.Zero, ["exec", Workload.PathOf("calling32")]);

        Assert.Equal([("execve", false, "calling32")], run.Events.Where(call => call.Syscall == "execve").Select(call => (call.Syscall, call.Is32Bit, call.ProcessName)));
        Assert.Equal(10, run.HistogramOf("getpid", "calling32", is32Bit: true).Count);
        Assert.Equal(2, run.Entries.Count);
    }
}
