using System.Diagnostics;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>
/// SIGKILL at fifty moments while a process starts its probes, runs them under load or stops them. The moments are
/// random; EBPFPS_KILL_SEED repeats those of an earlier run.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : KernelTest
{
    private const int Kills = 50;

    /// <summary>So many processes at a time, which start, run and stop side by side.</summary>
    private const int AtOnce = 5;

    private readonly HashSet<string> _ids = [];

    private enum Moment
    {
        Start,
        Run,
        Stop,
    }

    [Fact]
    [Trait("Load", "heavy")]
    public void NothingIsLeftInTheKernelAndTheNextStartWorks()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("EBPFPS_KILL_SEED"), CultureInfo.InvariantCulture, out int given)
            ? given
            : Environment.TickCount;
        output.WriteLine($"EBPFPS_KILL_SEED={seed}");
        Random random = new(seed);
        using GatedWorkload flood = GatedWorkload.Start("opening", "flood", "/dev/null", "1000000000");
        KernelCensus census = new();
        flood.Go();
        (TimeSpan Start, TimeSpan Stop, IReadOnlyList<string> Ids)[] undisturbed = AllAtOnce(Enumerable.Range(0, AtOnce), _ => RunOne(flood.ProcessId, census));
        TimeSpan starts = undisturbed.Max(one => one.Start), stops = undisturbed.Max(one => one.Stop);
        census.AssertNothingLeft(undisturbed.SelectMany(one => one.Ids));
        for (int i = 0; i < Kills; i += AtOnce)
        {
            (Moment Moment, TimeSpan After)[] kills =
            [
                .. Enumerable.Range(i, AtOnce).Select(number => (Moment)(number % 3)).Select(moment => (moment, random.NextDouble() * (moment switch
                {
                    Moment.Start => starts,
                    Moment.Stop => stops,
                    _ => TimeSpan.FromMilliseconds(50),
                }))),
            ];
            _ids.UnionWith(AllAtOnce(kills, kill => KillOne(kill.Moment, kill.After, flood.ProcessId)).SelectMany(ids => ids));
            census.AssertNothingLeft(_ids);

            // Two of three kills come after a start that must have worked; so does the next one of another process.
            using ProbeSession next = ProbeSession.Start(Recorder.Options("exit", new ProcessFilter { ProcessIds = [flood.ProcessId] }));
            Assert.Equal(SessionState.Running, next.State);
        }

        Assert.NotEmpty(_ids);
        output.WriteLine($"{Kills} kills: start within {starts.TotalMilliseconds:0} ms, stop within {stops.TotalMilliseconds:0} ms; {_ids.Count} programs, maps and links went with them");
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        Recording last = Recorder.Record(
            Recorder.Options("open,exit", new ProcessFilter { ProcessIds = [workload.ProcessId] }),
            () => workload.Finish());
        Assert.Equal((6, 1, 0), (last.Of<OpenEvent>().Length, last.Of<ExitEvent>().Length, last.Loss.Lost));
    }

    private static string[] Arguments(int processId) =>
        ["watch", MixedWorkload.Probes, "--syscall", "openat", "--min-duration", "0", "--process-id", processId.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Does something with each, in a thread of its own: it does little but wait.</summary>
    private static TResult[] AllAtOnce<T, TResult>(IEnumerable<T> each, Func<T, TResult> work)
    {
        Task<TResult>[] tasks = [.. each.Select(one => Task.Factory.StartNew(() => work(one), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(tasks);
        return [.. tasks.Select(task => task.Result)];
    }

    /// <summary>How long an undisturbed start and stop take here and now; the census must see what runs between them.</summary>
    private static (TimeSpan Start, TimeSpan Stop, IReadOnlyList<string> Ids) RunOne(int processId, KernelCensus census)
    {
        Stopwatch clock = Stopwatch.StartNew();
        using AgentProcess agent = AgentProcess.StartText(Arguments(processId));
        TimeSpan start = clock.Elapsed;
        Task drain = agent.Output.BaseStream.CopyToAsync(Stream.Null);
        IReadOnlyList<string> ids = HeldObjects.IdsOf(agent.Id);
        census.AssertSees(ids);
        clock.Restart();
        agent.Signal("TERM");
        Assert.Equal(0, agent.WaitForExit());
        Assert.True(drain.Wait(Workload.Longest));
        return (start, clock.Elapsed, ids);
    }

    /// <returns>The ids of what it held when it was killed, or just before.</returns>
    private static IReadOnlyList<string> KillOne(Moment moment, TimeSpan after, int processId)
    {
        IReadOnlyList<string> held = [];
        using AgentProcess victim = moment == Moment.Start
            ? AgentProcess.Start([.. Arguments(processId), "--format", "text"])
            : AgentProcess.StartText(Arguments(processId));
        _ = victim.Output.BaseStream.CopyToAsync(Stream.Null);
        if (moment == Moment.Stop)
        {
            victim.Signal("TERM");
        }

        Thread.Sleep(after);
        try
        {
            held = HeldObjects.IdsOf(victim.Id);
            Assert.True(held.Count > 0 || moment != Moment.Run, "a session that runs holds nothing");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Assert.True(moment == Moment.Stop, $"{moment}: {error}");
        }

        // One that was told to stop may have come to its end by itself.
        int sent = Workload.Run("/bin/sh", "-c", $"kill -s KILL {victim.Id}").ExitCode;
        Assert.True(sent == 0 || moment == Moment.Stop, $"{moment}: it had ended before it was killed");
        victim.WaitForExit();
        return held;
    }
}
