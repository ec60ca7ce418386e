using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>
/// Losses other than a full ring, each made to happen and found in the account under its own name. LossTests has
/// RingFull, LatencyTests a full histogram, ExecArgumentTests Truncated.
/// </summary>
public sealed class LossKindTests(ITestOutputHelper output) : KernelTest
{
    private const int Threads = 48;
    private const int Room = 16;

    /// <summary>Each collision is a matter of chance; so many tries without one are not.</summary>
    private const int Tries = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    [Theory]
    [EachWay("open")]
    [EachWay("latency")]
    public void MapFullIsTheCallsWhoseStartFoundNoRoom(string mechanism, string probe)
    {
        string fifo = Path.Combine(_folder, "fifo");
        Workload.Run("/usr/bin/mkfifo", fifo);
        using GatedWorkload workload = GatedWorkload.Start("staying", fifo, Threads.ToString(CultureInfo.InvariantCulture));
        SessionOptions options = new()
        {
            Probes = [ProbeCatalog.Find(probe)],
            Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
            Mechanism = mechanism,
            Syscalls = probe == "latency" ? ["openat"] : [],
            MinimumDuration = TimeSpan.Zero,
            CallStarts = Room,
        };
        using ProbeSession session = ProbeSession.Start(options);
        workload.Go();
        WaitForThreadsIn("openat", workload.ProcessId);

        Assert.Equal(0, session.Loss.Produced);
        AssertMapFull(session.Loss);

        // Who opens it for writing lets them all go; their calls leave the map.
        using (new FileStream(fifo, FileMode.Open, FileAccess.Write))
        {
            workload.WaitForEnd();
        }

        using EventReader reader = session.OpenReader();
        reader.Detach();
        long events = 0;
        while (reader.TryRead() is EbpfEvent taken)
        {
            events++;
            Assert.Equal(workload.ProcessId, taken.ProcessId);
        }

        LossReport loss = session.Loss;
        AssertMapFull(loss);
        Assert.InRange(events, Room - Recorder.Skipped(loss), Room);
        Assert.Equal((events, 0, Assert.NotNull(loss.MapFull) + (loss.Missed ?? 0)), (loss.Delivered, Assert.NotNull(loss.RingFull), loss.Lost));
    }

    [Fact]
    [Trait("Load", "heavy")]
    public void MissedIsWhatAProgramThatInterruptsItselfDidNotSee()
    {
        for (int i = 0; i < Tries; i++)
        {
            using GatedWorkload workload = GatedWorkload.Start("colliding", "1000");
            SessionOptions options = new()
            {
                Probes = [ProbeCatalog.Find("connect")],
                Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
                BufferSize = 256 * 1024 * 1024,
            };
            using ProbeSession session = ProbeSession.Start(options);
            long connects = long.Parse(workload.Finish(), CultureInfo.InvariantCulture);
            long seen = CountOutcomes(session);
            LossReport loss = session.Loss;
            output.WriteLine($"{connects} connects, {seen} seen: {loss}");

            // Without a miss every connect has its one outcome; with some, no more are gone than are said to be missed.
            Assert.Equal((0, 0, 0), (loss.RingFull, loss.MapFull, loss.Unread));
            Assert.InRange(connects - seen, 0, loss.Missed!.Value);
            if (loss.Missed > 0)
            {
                Assert.True(loss.Lost >= loss.Missed);
                return;
            }
        }

        Assert.Fail($"no program was interrupted by itself in {Tries} runs");
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static void AssertMapFull(LossReport loss) =>
        Assert.InRange(Assert.NotNull(loss.MapFull), Threads - Room - Recorder.Skipped(loss), Threads - Room);

    /// <summary>Ends the session and counts outcomes of connects; connections that filled the listener are closed too.</summary>
    private static long CountOutcomes(ProbeSession session)
    {
        using EventReader reader = session.OpenReader();
        reader.Detach();
        long count = 0;
        while (reader.TryRead() is EbpfEvent taken)
        {
            count += taken is ConnectEvent { Action: ConnectAction.Connect } ? 1 : 0;
        }

        return count;
    }

    /// <summary>Waits until all threads but the first are in a syscall, as <c>/proc/PID/task/TID/syscall</c> tells.</summary>
    private static void WaitForThreadsIn(string syscall, int processId)
    {
        string number = SyscallNames.Native.NumberOf(syscall)!.Value.ToString(CultureInfo.InvariantCulture) + " ";
        for (DateTime end = DateTime.UtcNow + Workload.Longest; ;)
        {
            int inside = Directory.GetDirectories($"/proc/{processId}/task")
                .Count(task => File.ReadAllText(task + "/syscall").StartsWith(number, StringComparison.Ordinal));
            if (inside == Threads)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, $"only {inside} threads are in {syscall}");
            Thread.Sleep(20);
        }
    }
}
