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
        using MixedWorkload workload = new("once");
        List<ProbeSession> sessions = [];
        try
        {
            for (int i = 0; i < AtOnce; i++)
            {
                ProbeSpec probe = ProbeCatalog.All[i % ProbeCatalog.All.Count];
                bool includeChild = FollowsChildren(i);
                sessions.Add(ProbeSession.Start(Options(probe.Name, null, includeChild, workload.ProcessId)));
            }

            _ids.UnionWith(HeldObjects.IdsOf(Environment.ProcessId));
            IReadOnlyDictionary<string, long> made = workload.Finish();
            Assert.All(ProbeCatalog.All, probe => Assert.InRange(made[probe.Name], 1, long.MaxValue));
            for (int i = 0; i < AtOnce; i++)
            {
                // Each session has its own copy of what its probe sees. Children execute and end, the rest it does itself.
                ProbeSession session = sessions[i];
                long expected = FollowsChildren(i) ? made[session.Name] : session.Name switch
                {
                    "exec" => 0,
                    "exit" => 1,
                    _ => made[session.Name],
                };
                using EventReader reader = session.OpenReader();
                reader.Detach();
                List<string> probes = [];
                while (reader.TryRead() is EbpfEvent taken)
                {
                    probes.Add(taken.Probe);
                }

                Assert.All(probes, probe => Assert.Equal(session.Name, probe));
                Assert.Equal((session.Name, i, expected, 0L), (session.Name, i, (long)probes.Count, session.Loss.Lost));
            }
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }

        AssertNothingLeft();
    }

    /// <summary>Of the sessions of each probe every second one.</summary>
    private static bool FollowsChildren(int session) => session / ProbeCatalog.All.Count % 2 == 0;

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
        Syscalls = probe == "latency" ? [MixedWorkload.Syscall] : [],
        MinimumDuration = TimeSpan.Zero,
        BufferSize = 256 * 1024,
    };
}
