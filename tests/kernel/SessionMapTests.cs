using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

public sealed class SessionMapTests : KernelTest
{
    private static readonly string[] _shared = ["ring", "control", "pids", "uids", "cgroups", "family"];

    [Fact]
    public void MapsThatTheProbesShareAreThereOnce()
    {
        using ProbeSession session = ProbeSession.Start(Recorder.Options("exec,open,latency", new ProcessFilter { ProcessIds = [Environment.ProcessId], IncludeChild = true }));

        IReadOnlyList<SessionMap> maps = session.Maps;

        Assert.All(_shared, name => Assert.Equal("exec", Assert.Single(maps, map => map.Name == name).Probe));
        Assert.Equal(["exec", "open", "latency", "family"], maps.Where(map => map.Name == "counters").Select(map => map.Probe));
        Assert.Equal(maps.Count, maps.Select(map => map.Id).Distinct().Count());
        Assert.All(maps, map => Assert.Same(session, map.Session));
        Assert.Contains(maps, map => map.Name == LatencyProbe.Histogram && map.IsPerCpu && map.KeyType == "struct latency_key");
    }

    [Fact]
    public void EveryMapIsReadOrRefusedWithAReason()
    {
        using ProbeSession session = ProbeSession.Start(Recorder.Options("connect,exec,exit,open,latency"));

        List<string> refused = [];
        foreach (SessionMap map in session.Maps)
        {
            if (map.WhyNotReadable.Length > 0)
            {
                Assert.Throws<EbpfException>(() => map.Entries());
                refused.Add(map.Name);
                continue;
            }

            Assert.NotEmpty(map.KeyType);
            Assert.All(map.Entries(), entry => Assert.Equal(map.Name, entry.Map));
            Assert.All(map.Entries(perCpu: true).Take(100), entry => Assert.Equal(map.IsPerCpu, entry.Cpu is not null));
        }

        string[] unreadable = KernelSupport.TaskStorage ? ["cgroups", "ring", "start_by_task"] : ["cgroups", "ring"];
        Assert.Equal(unreadable, refused.Distinct().Order());
    }

    [Fact]
    public void CountersAreThoseOfTheLossReport()
    {
        using ProbeSession session = ProbeSession.Start(Recorder.Options("exec", new ProcessFilter { ProcessNames = ["true"] }));
        for (int i = 0; i < 3; i++)
        {
            Workload.Run("/bin/true");
        }

        ulong produced = 0;
        foreach (MapEntry entry in session.Maps.Single(map => map.Name == "counters").Entries())
        {
            produced += (ulong)Assert.IsType<StructValue>(entry.Value)["produced"]!;
        }

        Assert.Equal(3UL, produced);
        Assert.Equal(3, session.Loss.Produced);
    }

    [Fact]
    public void AStoppedSessionHasNoMapsAndSaysSo()
    {
        ProbeSession session = ProbeSession.Start(Recorder.Options("latency", null, null, "read"));
        SessionMap kept = session.Maps.Single(map => map.Name == LatencyProbe.Histogram);
        session.Stop();

        foreach (EbpfException error in new[] { Assert.Throws<EbpfException>(() => session.Maps), Assert.Throws<EbpfException>(() => kept.Entries().ToArray()) })
        {
            Assert.Equal(EbpfErrorId.AlreadyStopped, error.Id);
            Assert.Contains("its maps went with it", error.Message, StringComparison.Ordinal);
            Assert.Equal("latency", error.Target);
        }

        Assert.Equal(("hist", "struct latency_value"), (kept.Name, kept.ValueType));
    }

    [Fact]
    public async Task ReadingEndsInAnErrorWhenTheSessionIsStoppedMeanwhile()
    {
        for (int i = 0; i < 10; i++)
        {
            ProbeSession session = ProbeSession.Start(Recorder.Options("latency"));
            SessionMap map = session.Maps.Single(one => one.Name == LatencyProbe.Histogram);
            Task stop = Task.Run(() =>
            {
                Thread.Sleep(i);
                session.Stop();
            });

            EbpfException error = Assert.Throws<EbpfException>(() => ReadOnAndOn(map));

            Assert.Equal(EbpfErrorId.AlreadyStopped, error.Id);
            await stop;
        }
    }

    private static void ReadOnAndOn(SessionMap map)
    {
        while (true)
        {
            _ = map.Entries().Count();
        }
    }
}
