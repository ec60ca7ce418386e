using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Every probe in every way that it can attach: the verifier accepts it, and loading alone makes no event.</summary>
public sealed class LoadTests : KernelTest
{
    public static TheoryData<string, string> Ways()
    {
        TheoryData<string, string> ways = [];
        foreach (ProbeSpec probe in ProbeCatalog.All)
        {
            foreach (ProbeMechanism mechanism in probe.Mechanisms)
            {
                ways.Add(probe.Name, mechanism.Name);
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void TheKernelTakesEveryProbeInEveryWay(string probe, string mechanism)
    {
        using ProbeSession session = ProbeSession.Start(Recorder.Options(probe, new ProcessFilter { IncludeChild = true }, mechanism, Syscalls(probe, mechanism)));

        Assert.Equal(SessionState.Running, session.State);
        Assert.Equal(mechanism, session.Probes.Single().Mechanism.Name);
        Assert.NotEmpty(session.Probes.Single().Hooks);
        Assert.All(session.ProgramIds, AssertEasilyVerified);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void LoadingAttachesNothing(string probe, string mechanism)
    {
        int links = HeldObjects.IdsOf(Environment.ProcessId).Count(id => id.StartsWith("link_id", StringComparison.Ordinal));
        using ProbeSession session = ProbeSession.Load(Recorder.Options(probe, new ProcessFilter { IncludeSelf = true }, mechanism, Syscalls(probe, mechanism)));
        using (EventReader reader = session.OpenReader())
        {
            Workload.Run("/bin/true");
            Workload.Run("/bin/cat", "/dev/null");

            Assert.Null(reader.Read(TimeSpan.FromMilliseconds(100)));
        }

        IReadOnlyList<string> held = HeldObjects.IdsOf(Environment.ProcessId);
        Assert.Equal(links, held.Count(id => id.StartsWith("link_id", StringComparison.Ordinal)));
        Assert.Contains(held, id => id.StartsWith("prog_id", StringComparison.Ordinal));
        Assert.Equal(SessionState.Loaded, session.State);
        Assert.Null(session.StartTime);
        Assert.Equal(0, session.Loss.Produced);
    }

    /// <summary>What a kernel without bpf_loop (before 5.17) gets: this kernel must take it too.</summary>
    [Theory]
    [InlineData("exit_execve_bounded")]
    [InlineData("raw_exit_bounded")]
    public void ExecLoadsWithABoundedLoop(string program)
    {
        using OpenedBpfObject opened = OpenedBpfObject.Open("exec", ObjectFile.Read("exec"));
        opened.LeaveOutMap("start_by_task");
        opened.LoadOnly([program]);
        using BpfObject loaded = opened.Load();
        Assert.Equal(program, loaded.Programs.Single().Name);
        AssertEasilyVerified(loaded.Programs.Single().Id);
    }

    /// <summary>
    /// Far from the million instructions that a kernel gives up at: each has its own way to follow a program, and the time
    /// that takes is part of every start.
    /// </summary>
    private static void AssertEasilyVerified(int program)
    {
        SystemProgram loaded = ProgramCatalog.Find(program, new SystemListing(whole: false));
        if (Environment.OSVersion.Version >= new Version(5, 16))
        {
            Assert.InRange(loaded.VerifiedInstructions!.Value, 1, 50_000);
        }
    }

    /// <summary>Syscalls that must be named: tracepoints of their own are for a few.</summary>
    private static string[] Syscalls(string probe, string mechanism) =>
        probe == "latency" && mechanism == "tracepoint" ? ["read", "execve"] : [];
}
