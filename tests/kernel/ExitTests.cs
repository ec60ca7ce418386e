using System.Diagnostics;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

public sealed class ExitTests : KernelTest
{
    private static readonly ProcessFilter _exiting = new() { ProcessNames = ["exiting"] };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public void CodeOfAProcessThatExits(int code)
    {
        ExitEvent seen = Single("code", code.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(code, seen.ExitCode);
        Assert.Equal(0, seen.Signal);
        Assert.Equal("", seen.SignalName);
        Assert.False(seen.CoreDumped);
    }

    [Theory]
    [InlineData(9, "SIGKILL")]
    [InlineData(15, "SIGTERM")]
    [InlineData(11, "SIGSEGV")]
    [InlineData(34, "SIGRTMIN+2")]
    public void SignalThatEndsAProcess(int signal, string name)
    {
        ExitEvent seen = Single("signal", signal.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(signal, seen.Signal);
        Assert.Equal(name, seen.SignalName);
        Assert.Equal(0, seen.ExitCode);
        Assert.False(seen.CoreDumped);
    }

    [Fact]
    public void EveryPropertyOfAnEvent()
    {
        Workload run = null!;
        Recording recording = Recorder.Record(Recorder.Options("exit", _exiting), () => run = Workload.Run("exiting", "sleep", "300"));
        ExitEvent seen = Assert.Single(recording.Of<ExitEvent>());
        Assert.Equal("exit", seen.Probe);
        Assert.Equal(run.ProcessId, seen.ProcessId);
        Assert.Equal(run.ProcessId, seen.ThreadId);
        Assert.Equal(Environment.ProcessId, seen.ParentProcessId);
        Assert.Equal("exiting", seen.ProcessName);
        Assert.Equal(0u, seen.UserId);
        Assert.Equal("root", seen.UserName);
        Assert.Equal(0u, seen.GroupId);
        Assert.Equal(Environment.MachineName, seen.ComputerName);
        Assert.InRange(seen.Cpu, 0, Environment.ProcessorCount - 1);
        Assert.InRange(seen.Time, recording.From, recording.To);
        Assert.InRange(seen.LifetimeNs, 300_000_000, (recording.To - recording.From).Ticks * 100);
        Assert.Equal(seen.LifetimeNs / 100, seen.Lifetime.Ticks);
        Assert.Equal((1, 1, 0), (recording.Loss.Produced, recording.Loss.Delivered, Recorder.LostNotSkipped(recording.Loss)));
    }

    [Fact]
    public void LeaderThatLeavesFirstEndsWithItsLastThread()
    {
        Stopwatch clock = Stopwatch.StartNew();
        ExitEvent seen = Single("worker");
        Assert.Equal(7, seen.ExitCode);
        Assert.Equal("exiting", seen.ProcessName);
        Assert.InRange(seen.Lifetime, TimeSpan.FromSeconds(2), clock.Elapsed);
        Assert.NotEqual(seen.ProcessId, seen.ThreadId);
    }

    [Fact]
    public void ThreadsThatLeaveAtOnceAreOneEventWithTheAnswerOfWait()
    {
        int processes = Machine.IsEmulated ? 60 : 200;
        List<(int ProcessId, int Code)> ended = [];
        Recording recording = Recorder.Record(Recorder.Options("exit", _exiting), () =>
        {
            for (int i = 0; i < processes; i++)
            {
                Workload run = Workload.Run("exiting", "threads");
                ended.Add((run.ProcessId, run.ExitCode));
            }
        });

        // The leader's code or the last thread's: newer kernels take the last one (Linux 5.19).
        (int, int)[] seen = [.. recording.Of<ExitEvent>().Select(one => (one.ProcessId, one.ExitCode))];
        Recorder.AssertCounts(recording.Loss, processes);
        Assert.Equal(ended.Where(one => seen.Contains(one)), seen);
    }

    private static ExitEvent Single(params string[] how) =>
        Assert.Single(Recorder.Record(Recorder.Options("exit", _exiting), () => Workload.Run("exiting", how)).Of<ExitEvent>());
}
