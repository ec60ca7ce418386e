using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Sessions one after the other and many at once: the kernel and this process are then as they were.</summary>
[Trait("Load", "heavy")]
public sealed class ManySessionsTests : KernelTest
{
    private const int Cycles = 100;
    private const int AtOnce = 50;

    private readonly KernelCensus _census = new();
    private readonly HashSet<string> _ids = [];

    [Fact]
    public void OneHundredStartsAndStops()
    {
        IReadOnlyList<ProbeSpec> probes = ProbeCatalog.All;
        for (int i = 0; i < Cycles; i++)
        {
            // Each probe in each of its ways in turn.
            ProbeSpec probe = probes[i % probes.Count];
            ProbeMechanism mechanism = probe.Mechanisms[i / probes.Count % probe.Mechanisms.Count];
            using ProbeSession session = ProbeSession.Start(Options(probe.Name, mechanism.Name, includeChild: i % 2 == 0));
            using (EventReader reader = session.OpenReader())
            {
                reader.TryRead();
            }

            _ids.UnionWith(HeldObjects.IdsOf(Environment.ProcessId));
            if (i % 3 > 0)
            {
                session.Stop();
            }
        }

        AssertNothingLeft();
    }

    [Fact]
    public void FiftyAtOnce()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        List<ProbeSession> sessions = [];
        try
        {
            for (int i = 0; i < AtOnce; i++)
            {
                ProbeSpec probe = ProbeCatalog.All[i % ProbeCatalog.All.Count];
                ProbeSession session = ProbeSession.Start(Options(probe.Name, null, includeChild: false, workload.ProcessId));
                sessions.Add(session);
            }

            _ids.UnionWith(HeldObjects.IdsOf(Environment.ProcessId));
            workload.Finish();
            foreach (ProbeSession session in sessions)
            {
                // The workload opens six files and ends; each session has its own copy of what its probe sees.
                int expected = session.Name switch { "open" or "latency" => 6, "exit" => 1, _ => 0 };
                using EventReader reader = session.OpenReader();
                reader.Detach();
                List<EbpfEvent> events = [];
                while (reader.TryRead() is EbpfEvent taken)
                {
                    events.Add(taken);
                }

                Assert.Equal((session.Name, expected, 0), (session.Name, events.Count, session.Loss.Lost));
            }
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }

        AssertNothingLeft();
    }

    private void AssertNothingLeft()
    {
        foreach (string kind in new[] { "prog_id", "map_id", "link_id" })
        {
            Assert.Contains(_ids, id => id.StartsWith(kind, StringComparison.Ordinal));
        }

        Assert.Empty(HeldObjects.IdsOf(Environment.ProcessId));
        _census.AssertNothingLeft(_ids);
    }

    private static SessionOptions Options(string probe, string? mechanism, bool includeChild, params int[] processIds) => new()
    {
        Probes = [ProbeCatalog.Find(probe)],
        Mechanism = mechanism,
        Filter = new ProcessFilter { ProcessIds = processIds, IncludeChild = includeChild },
        Syscalls = probe == "latency" ? ["openat"] : [],
        MinimumDuration = TimeSpan.Zero,
        BufferSize = 256 * 1024,
    };
}
