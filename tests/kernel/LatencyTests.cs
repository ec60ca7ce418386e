using System.Runtime.InteropServices;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

public sealed class LatencyTests : KernelTest
{
    private const string Tracepoint = "tracepoint";
    private const string Raw = "raw tracepoint";

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void EveryCallIsInTheHistogramAndWithoutAMinimumAnEvent(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["read"], TimeSpan.Zero, ["read", "1000"]);

        MapEntry entry = Assert.Single(run.Entries);
        Assert.Equal([new("Syscall", "read"), new("ProcessName", "calling"), new("Is32Bit", false)], entry.Labels);
        Histogram histogram = Histogram.From(entry.Value)!;
        Assert.Equal(1000, histogram.Count);
        Assert.Equal(1000, run.Events.Length);
        Assert.Equal((1000, 1000, 0), (run.Loss.Produced, run.Loss.Delivered, Recorder.LostNotSkipped(run.Loss)));
        Assert.All(run.Events, call =>
        {
            Assert.Equal("read", call.Syscall);
            Assert.Equal(1, call.ReturnValue);
            Assert.Equal(0, call.ErrorNumber);
            Assert.Equal("", call.ErrorName);
            Assert.False(call.Is32Bit);
            Assert.Equal(run.ProcessId, call.ProcessId);
        });
        AssertAgree(histogram, run.Events);
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void SleepsTakeAsLongAsTheySay(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["nanosleep"], null, ["sleep", "10", "20"]);

        Histogram histogram = run.HistogramOf("nanosleep");
        Assert.Equal(10, histogram.Count);
        Assert.Equal(10, run.Events.Length);
        Assert.All(run.Events, call => Assert.InRange(call.DurationNs, 20_000_000, run.Elapsed.Ticks * 100));
        Assert.InRange(histogram.MinNs, 20_000_000, histogram.MaxNs);
        Assert.InRange(histogram.TotalNs, 200_000_000, run.Elapsed.Ticks * 100);
        Assert.InRange(histogram.P50Ns, histogram.MinNs, histogram.MaxNs);
        Assert.True(histogram.Buckets[0].FromNs == 16_777_216, $"the first bucket begins at {histogram.Buckets[0].FromNs}");
        AssertAgree(histogram, run.Events);
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void EveryPropertyOfAnEvent(string mechanism)
    {
        DateTime from = DateTime.Now;
        LatencyRun run = LatencyRun.Of(mechanism, ["nanosleep"], null, ["sleep", "1", "5"]);

        LatencyEvent seen = Assert.Single(run.Events);
        Assert.Equal("latency", seen.Probe);
        Assert.Equal("nanosleep", seen.Syscall);
        Assert.Equal(0, seen.ReturnValue);
        Assert.Equal(seen.DurationNs / 100, seen.Duration.Ticks);
        Assert.Equal(run.ProcessId, seen.ProcessId);
        Assert.Equal(run.ProcessId, seen.ThreadId);
        Assert.Equal(Environment.ProcessId, seen.ParentProcessId);
        Assert.Equal("calling", seen.ProcessName);
        Assert.Equal((0u, 0u), (seen.UserId, seen.GroupId));
        Assert.Equal(Machine.CgroupIdOf(Environment.ProcessId), seen.CgroupId);
        Assert.InRange(seen.Cpu, 0, Environment.ProcessorCount - 1);
        Assert.InRange(seen.Time, from, DateTime.Now);
        Assert.InRange(seen.Time - seen.Duration, from, seen.Time);
        Assert.Equal(Environment.MachineName, seen.ComputerName);
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void TheMinimumKeepsShortCallsFromEventsAndNotFromTheHistogram(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["nanosleep", "getppid"], TimeSpan.FromMilliseconds(10), ["sleep", "5", "20"]);
        LatencyRun none = LatencyRun.Of(mechanism, ["nanosleep"], TimeSpan.FromHours(1), ["sleep", "5", "20"]);

        Assert.Equal(5, run.Events.Length);
        Assert.Equal(5, run.HistogramOf("nanosleep").Count);
        Assert.Empty(none.Events);
        Assert.Equal(0, none.Loss.Produced);
        Assert.Equal(5, none.HistogramOf("nanosleep").Count);
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void SeveralCallsAreToldApart(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["getppid", "getuid"], TimeSpan.Zero, ["several", "100"]);

        Assert.Equal(2, run.Entries.Count);
        Assert.Equal(100, run.HistogramOf("getppid").Count);
        Assert.Equal(200, run.HistogramOf("getuid").Count);
        Assert.Equal(100, run.Events.Count(call => call.Syscall == "getppid"));
        Assert.Equal(200, run.Events.Count(call => call.Syscall == "getuid"));
        Assert.Equal(300, run.Loss.Produced);
    }

    [Fact]
    public void WithoutNamesEveryCallIsTimed()
    {
        LatencyRun run = LatencyRun.Of(Raw, [], TimeSpan.Zero, ["several", "100"]);

        Assert.Equal(100, run.HistogramOf("getppid").Count);
        Assert.Equal(200, run.HistogramOf("getuid").Count);
        Assert.Equal(300, run.HistogramOf("getgid").Count);
        Assert.Equal(run.Loss.Produced, run.Entries.Sum(entry => Histogram.From(entry.Value)!.Count));
        Assert.DoesNotContain(run.Entries, entry => LatencyRun.Label(entry, "Syscall") is "exit_group" or "rt_sigreturn");
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void AFailedCallHasItsError(string mechanism)
    {
        LatencyRun run = LatencyRun.Of(mechanism, ["fsync"], TimeSpan.Zero, ["fail", "3"]);

        Assert.Equal(3, run.Events.Length);
        Assert.All(run.Events, call => Assert.Equal((-9L, 9, "EBADF"), (call.ReturnValue, call.ErrorNumber, call.ErrorName)));
    }

    [Theory]
    [InlineData(Tracepoint)]
    [InlineData(Raw)]
    public void ACallThatASignalEndsHasTheKernelsOwnError(string mechanism)
    {
        LatencyEvent seen = Assert.Single(LatencyRun.Of(mechanism, ["read"], null, ["signal"]).Events);

        Assert.Equal("ERESTARTSYS", seen.ErrorName);
        Assert.InRange(seen.DurationNs, 900_000_000, long.MaxValue);
    }

    [Fact]
    public void ANumberWithoutANameIsCalledByIt()
    {
        LatencyRun run = LatencyRun.Of(Raw, [], TimeSpan.Zero, ["unknown", "2"]);

        Assert.Equal(2, run.HistogramOf("syscall_900").Count);
        Assert.All(run.Events.Where(call => call.Syscall == "syscall_900"), call => Assert.Equal("ENOSYS", call.ErrorName));
    }

    [Fact]
    public void CallsBy32BitNumbersHaveTheNamesOfTheirTable()
    {
        Assert.Equal(Architecture.X64, RuntimeInformation.ProcessArchitecture);

        LatencyRun run = LatencyRun.Of(Raw, [], TimeSpan.Zero, ["compat", "50"]);

        Assert.Equal(50, run.HistogramOf("getpid", is32Bit: true).Count);
        Assert.Equal(50, run.HistogramOf("getpid").Count);
        Assert.Equal(50, run.HistogramOf("socketcall", is32Bit: true).Count);
        Assert.DoesNotContain(run.Entries, entry => LatencyRun.Label(entry, "Syscall") is "getuid" or "writev");
        Assert.All(run.Events.Where(call => call.Syscall == "socketcall"), call => Assert.Equal((true, "EINVAL"), (call.Is32Bit, call.ErrorName)));
        Assert.All(run.Events.Where(call => call.Is32Bit), call => Assert.Contains(call.Syscall, new[] { "getpid", "socketcall" }));
    }

    [Fact]
    public void ANameIsLookedUpInBothTables()
    {
        LatencyRun both = LatencyRun.Of(Raw, ["getpid"], TimeSpan.Zero, ["compat", "50"]);
        LatencyRun native = LatencyRun.Of(Tracepoint, ["getpid"], TimeSpan.Zero, ["compat", "50"]);
        LatencyRun only32Bit = LatencyRun.Of(Raw, ["socketcall"], TimeSpan.Zero, ["compat", "50"]);

        Assert.Equal((50, 50), (both.HistogramOf("getpid").Count, both.HistogramOf("getpid", is32Bit: true).Count));
        Assert.Equal(50, Histogram.From(Assert.Single(native.Entries).Value)!.Count);
        Assert.Equal(50, Histogram.From(Assert.Single(only32Bit.Entries).Value)!.Count);
    }

    [Fact]
    public void CallsThatFindNoRoomInTheHistogramAreCounted()
    {
        LatencyRun run = LatencyRun.Of(Tracepoint, ["getppid", "getuid", "getgid"], TimeSpan.Zero, ["several", "10"], entries: 1);

        Assert.Equal(10, run.HistogramOf("getppid").Count);
        Assert.Single(run.Entries);
        Assert.Equal(50, run.Loss.MapFull);
        Assert.Equal(60, run.Loss.Produced);
        Assert.Equal(60, run.Events.Length);
    }

    [Fact]
    public void TheCpusHistogramsAddUpToTheWhole()
    {
        LatencyRun run = LatencyRun.Of(Tracepoint, ["getuid"], TimeSpan.FromHours(1), ["several", "5000"], perCpu: true);

        Assert.Equal(Enumerable.Range(0, run.Entries.Count).Select(cpu => (int?)cpu), run.Entries.Select(entry => entry.Cpu));
        Assert.InRange(run.Entries.Count, Environment.ProcessorCount, 1024);
        Assert.Equal(10_000, run.Entries.Sum(entry => Histogram.From(entry.Value)!.Count));
    }

    [Fact]
    public void AFewNamesGetTracepointsOfTheirOwn()
    {
        using ProbeSession few = ProbeSession.Start(Recorder.Options("latency", null, null, "read", "stat", "newfstatat"));
        using ProbeSession all = ProbeSession.Start(Recorder.Options("latency"));
        using ProbeSession many = ProbeSession.Start(Recorder.Options("latency", null, null, SyscallCatalog.Names.Take(17).ToArray()));
        using ProbeSession foreign = ProbeSession.Start(Recorder.Options("latency", null, null, "read", "socketcall"));

        Assert.Equal(
            [
                "tracepoint/syscalls/sys_enter_newfstatat", "tracepoint/syscalls/sys_enter_newstat", "tracepoint/syscalls/sys_enter_read",
                "tracepoint/syscalls/sys_exit_newfstatat", "tracepoint/syscalls/sys_exit_newstat", "tracepoint/syscalls/sys_exit_read",
            ],
            few.Probes[0].Hooks.Order(StringComparer.Ordinal));
        Assert.All([all, many, foreign], session => Assert.Equal(Raw, session.Probes[0].Mechanism.Name));
    }

    [Theory]
    [InlineData("raed", EbpfErrorId.NotFound, "Did you mean 'read'?")]
    [InlineData("newfstat", EbpfErrorId.NotFound, "Did you mean 'fstat'?")]
    [InlineData("exit_group", EbpfErrorId.InvalidArgument, "exit probe")]
    public void ANameThatIsNoneIsRefused(string name, EbpfErrorId id, string hint)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Start(Recorder.Options("latency", null, null, name)));

        Assert.Equal(id, error.Id);
        Assert.Equal(name, error.Target);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void AWayThatCantBeIsRefusedWithItsReason()
    {
        EbpfException unnamed = Assert.Throws<EbpfException>(() => ProbeSession.Start(Recorder.Options("latency", null, Tracepoint)));
        EbpfException foreign = Assert.Throws<EbpfException>(() => ProbeSession.Start(Recorder.Options("latency", null, Tracepoint, "socketcall")));

        Assert.Equal(EbpfErrorId.NotSupported, unnamed.Id);
        Assert.Contains("the names of 1 to 16 syscalls", unnamed.Message, StringComparison.Ordinal);
        Assert.Contains("'socketcall' has no tracepoint", foreign.Message, StringComparison.Ordinal);
    }

    /// <summary>Both come from the same measurements: what the events say is what the histogram must say.</summary>
    private static void AssertAgree(Histogram histogram, LatencyEvent[] events)
    {
        long[] times = events.Select(call => call.DurationNs).Order().ToArray();
        Assert.Equal((times.Length, times.Sum(), times[0], times[^1]), (histogram.Count, histogram.TotalNs, histogram.MinNs, histogram.MaxNs));
        Assert.All(histogram.Buckets, bucket => Assert.Equal(times.Count(time => time >= bucket.FromNs && time < bucket.ToNs), bucket.Count));
        foreach ((double percent, long value) in new[] { (50.0, histogram.P50Ns), (90.0, histogram.P90Ns), (99.0, histogram.P99Ns) })
        {
            // The bucket of the true percentile is the bucket of the interpolated one.
            long exact = times[(int)Math.Ceiling(percent / 100 * times.Length) - 1];
            HistogramBucket bucket = histogram.Buckets.Single(one => exact >= one.FromNs && exact < one.ToNs);
            Assert.InRange(value, bucket.FromNs, bucket.ToNs);
        }
    }
}
