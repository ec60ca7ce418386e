using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>What happens to the machine while a session runs: a CPU goes and comes back, the clock is set.</summary>
public sealed class MachineChangeTests : KernelTest
{
    private const int Opens = 10_000;
    private const int Ring = 64 * 1024 * 1024;
    private const string SecondCpu = "/sys/devices/system/cpu/cpu1/online";
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    /// <summary>What passes between reading the clock here and date(1)'s setting it.</summary>
    private static readonly TimeSpan _setting = TimeSpan.FromSeconds(5);

    [GuestFact("takes a CPU from the machine")]
    public void ACpuThatGoesAndComesBackLosesNothing()
    {
        GatedWorkload[] workloads = Enumerable.Range(0, 3).Select(_ => GatedWorkload.Start("opening", "flood", "/dev/null", $"{Opens}")).ToArray();
        int[] ids = workloads.Select(workload => workload.ProcessId).ToArray();
        long count = 0;
        Recording recording = Recorder.Record(Options(new ProcessFilter { ProcessIds = ids }), () =>
        {
            Task<string>[] floods = workloads.Select(workload => Task.Run(workload.GoAndRead)).ToArray();
            for (int times = 0; times < 3 || !floods.All(flood => flood.IsCompleted); times++)
            {
                File.WriteAllText(SecondCpu, "0");
                File.WriteAllText(SecondCpu, "1");
            }

            count = floods.Sum(flood => Number(flood.Result));
            foreach (GatedWorkload workload in workloads)
            {
                Assert.Equal("ready", workload.ReadLine());
                count += Number(workload.Finish());
                workload.Dispose();
            }
        });

        // Once more on every CPU that is there, at the end: the one that came back too.
        Assert.Equal((3 * Opens) + (3 * Environment.ProcessorCount), count);
        Recorder.AssertCounts(recording.Loss, count);
        Assert.Equal(0, recording.Loss.RingFull);
        Assert.Contains(recording.Events.TakeLast(20), seen => seen.Cpu == 1);
        foreach (IGrouping<int, EbpfEvent> process in recording.Events.GroupBy(seen => seen.ProcessId))
        {
            Assert.Equal(process.Select(seen => seen.TimestampNs).Order(), process.Select(seen => seen.TimestampNs));
        }

        Assert.All(recording.Events, seen => Assert.InRange(seen.Time, recording.From, recording.To));
    }

    [GuestFact("takes a CPU from the machine")]
    public void ASessionThatStartedWithoutACpuSeesItWhenItComes()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "flood", "/dev/null", "10");
        File.WriteAllText(SecondCpu, "0");
        Recording recording;
        try
        {
            recording = Recorder.Record(Options(new ProcessFilter { ProcessIds = [workload.ProcessId] }), () =>
            {
                Assert.Equal("10", workload.GoAndRead());
                File.WriteAllText(SecondCpu, "1");
                Assert.Equal("ready", workload.ReadLine());
                Assert.Equal("2", workload.Finish());
            });
        }
        finally
        {
            File.WriteAllText(SecondCpu, "1");
        }

        Assert.Equal((12, 12, 0), (recording.Loss.Produced, recording.Loss.Delivered, recording.Loss.Lost));
        Assert.All(recording.Events.Take(10), seen => Assert.Equal(0, seen.Cpu));
        Assert.Equal([0, 1], recording.Events.Skip(10).Select(seen => seen.Cpu).Order());
    }

    /// <summary>A time is what the clock says of that moment when the event is read: the order does not depend on it.</summary>
    [GuestFact("sets the clock back by an hour")]
    public void AClockThatIsSetBackMovesTimeAndNotTheOrder()
    {
        using ProbeSession session = ProbeSession.Start(Options(new ProcessFilter { ProcessNames = ["opening"] }));
        using EventReader reader = session.OpenReader();
        OpenEvent first = OpenAndRead(reader, out DateTime beforeFirst, out DateTime afterFirst);
        DateTime beforeUnread = DateTime.Now;
        Workload.Run("/bin/sh", "-c", $"echo | '{Workload.PathOf("opening")}' open /dev/null 0 0");
        DateTime afterUnread = DateTime.Now;
        OpenEvent unread, second;
        DateTime beforeSecond, afterSecond;
        SetClock(DateTimeOffset.UtcNow - _hour);
        try
        {
            unread = Next(reader);
            second = OpenAndRead(reader, out beforeSecond, out afterSecond);
        }
        finally
        {
            SetClock(DateTimeOffset.UtcNow + _hour);
        }

        OpenEvent third = OpenAndRead(reader, out DateTime beforeThird, out DateTime afterThird);
        Assert.InRange(first.Time, beforeFirst, afterFirst);
        Assert.InRange(unread.Time + _hour, beforeUnread - _setting, afterUnread + _setting);
        Assert.InRange(second.Time, beforeSecond, afterSecond);
        Assert.InRange(third.Time, beforeThird, afterThird);
        Assert.InRange(second.Time, first.Time - _hour, first.Time);
        Assert.Equal(0, session.Loss.Lost);
    }

    private static OpenEvent OpenAndRead(EventReader reader, out DateTime before, out DateTime after)
    {
        before = DateTime.Now;
        Workload.Run("/bin/sh", "-c", $"echo | '{Workload.PathOf("opening")}' open /dev/null 0 0");
        OpenEvent seen = Next(reader);
        after = DateTime.Now;
        return seen;
    }

    /// <summary>The next open of the file that the workload is told to open; its own libraries come before.</summary>
    private static OpenEvent Next(EventReader reader)
    {
        while (true)
        {
            OpenEvent seen = Assert.IsType<OpenEvent>(reader.Read(TimeSpan.FromSeconds(30)));
            if (seen.FileName == "/dev/null")
            {
                return seen;
            }
        }
    }

    private static void SetClock(DateTimeOffset to)
    {
        string seconds = (to.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);
        Assert.Equal(0, Workload.Run("/bin/date", "-s", $"@{seconds}").ExitCode);
    }

    private static SessionOptions Options(ProcessFilter filter) => new()
    {
        Probes = [ProbeCatalog.Find("open")],
        Filter = filter,
        BufferSize = Ring,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
