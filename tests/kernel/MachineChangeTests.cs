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
    private const string Missing = "/no/such/";
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

        Assert.Equal((12, 12, 0), (recording.Loss.Produced, recording.Loss.Delivered, Recorder.LostNotSkipped(recording.Loss)));
        Assert.All(recording.Events.Take(10), seen => Assert.Equal(0, seen.Cpu));
        Assert.Equal([0, 1], recording.Events.Skip(10).Select(seen => seen.Cpu).Order());
    }

    /// <summary>A time is what the clock says of that moment when the event is read: the order does not depend on it.</summary>
    [GuestFact("sets the clock back by an hour")]
    public void AClockThatIsSetBackMovesTimeAndNotTheOrder()
    {
        using ProbeSession session = ProbeSession.Start(Options(new ProcessFilter { ProcessNames = ["opening"] }));
        using EventReader reader = session.OpenReader();
        (DateTime From, DateTime To) atFirst = Open("first");
        List<OpenEvent> seen = [.. Next(reader, 1)];
        (DateTime From, DateTime To) beforeIt = Open("a", "b"), afterIt, atLast;
        SetClock(DateTimeOffset.UtcNow - _hour);
        try
        {
            afterIt = Open("c", "d");
            seen.AddRange(Next(reader, 4));
        }
        finally
        {
            SetClock(DateTimeOffset.UtcNow + _hour);
        }

        atLast = Open("last");
        seen.AddRange(Next(reader, 1));
        Assert.Equal(["first", "a", "b", "c", "d", "last"], seen.Select(one => Path.GetFileName(one.FileName)));
        Assert.Equal(seen.Select(one => one.BootNs).Distinct().Order(), seen.Select(one => one.BootNs));
        Assert.InRange(seen[0].Time, atFirst.From, atFirst.To);
        Assert.All(seen[1..3], one => Assert.InRange(one.Time + _hour, beforeIt.From - _setting, beforeIt.To + _setting));
        Assert.All(seen[3..5], one => Assert.InRange(one.Time, afterIt.From, afterIt.To));
        Assert.All(seen[3..5], one => Assert.InRange(one.Time, seen[0].Time - _hour, seen[0].Time));
        Assert.InRange(seen[5].Time, atLast.From, atLast.To);
        Assert.Equal(0, Recorder.LostNotSkipped(session.Loss));
    }

    [GuestFact("sets the clock back by an hour")]
    public void AReaderThatEndsHereDoesNotRunOnWhenTheClockIsSetBack() => AssertEndsHere(-_hour);

    [GuestFact("sets the clock forward by an hour")]
    public void AReaderThatEndsHereDoesNotStopEarlyWhenTheClockIsSetForward() => AssertEndsHere(_hour);

    /// <summary>What is between the end and the reading of what came before it is the clock's setting, and more events.</summary>
    private static void AssertEndsHere(TimeSpan change)
    {
        using ProbeSession session = ProbeSession.Start(Options(new ProcessFilter { ProcessNames = ["opening"] }));
        string[] taken;
        using (EventReader reader = session.OpenReader())
        {
            Open("a", "b");
            reader.EndHere();
            Open("c", "d");
            SetClock(DateTimeOffset.UtcNow + change);
            try
            {
                taken = Rest(reader);
            }
            finally
            {
                SetClock(DateTimeOffset.UtcNow - change);
            }
        }

        Assert.Equal(["a", "b"], taken);
        using EventReader next = session.OpenReader();
        Assert.Equal(["c", "d"], Rest(next));
    }

    /// <summary>Opens files of such names that are missing, one after the other.</summary>
    /// <returns>Between which times.</returns>
    private static (DateTime From, DateTime To) Open(params string[] names)
    {
        DateTime from = DateTime.Now;
        foreach (string name in names)
        {
            Workload.Run("/bin/sh", "-c", $"echo | '{Workload.PathOf("opening")}' open {Missing}{name} 0 0");
        }

        return (from, DateTime.Now);
    }

    /// <summary>The next opens of the files that the workload is told to open; its own libraries come before.</summary>
    private static IEnumerable<OpenEvent> Next(EventReader reader, int count)
    {
        while (count > 0)
        {
            OpenEvent seen = Assert.IsType<OpenEvent>(reader.Read(TimeSpan.FromSeconds(30)));
            if (seen.FileName.StartsWith(Missing, StringComparison.Ordinal))
            {
                count--;
                yield return seen;
            }
        }
    }

    /// <summary>The names of those files that are there to be read now.</summary>
    private static string[] Rest(EventReader reader)
    {
        List<string> names = [];
        while (reader.TryRead() is EbpfRecord taken)
        {
            names.Add(Assert.IsType<OpenEvent>(taken).FileName);
        }

        return [.. names.Where(name => name.StartsWith(Missing, StringComparison.Ordinal)).Select(name => name[Missing.Length..])];
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
