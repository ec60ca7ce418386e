using System.Diagnostics;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests;

/// <summary>What the latency probe said of tests/workloads/calling.c: its events, and its histograms by call and name.</summary>
internal sealed record LatencyRun(int ProcessId, LatencyEvent[] Events, LossReport Loss, IReadOnlyList<MapEntry> Entries, TimeSpan Elapsed)
{
    /// <summary>Runs the workload under a session of its own that traces nothing else.</summary>
    /// <param name="mechanism">How to attach.</param>
    /// <param name="syscalls">The calls to time; none for all.</param>
    /// <param name="minimum">The least duration of an event; null for the probe's default.</param>
    /// <param name="entries">How many entries the histogram has room for; null for the default.</param>
    /// <param name="perCpu">Each CPU's histogram by itself.</param>
    /// <param name="how">The workload's arguments.</param>
    public static LatencyRun Of(string mechanism, string[] syscalls, TimeSpan? minimum, string[] how, int? entries = null, bool perCpu = false)
    {
        using GatedWorkload workload = GatedWorkload.Start("calling", how);
        using ProbeSession session = ProbeSession.Start(new SessionOptions
        {
            Probes = [ProbeCatalog.Find("latency")],
            Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
            Mechanism = mechanism,
            Syscalls = syscalls,
            MinimumDuration = minimum,
            HistogramEntries = entries,
        });
        Stopwatch clock = Stopwatch.StartNew();
        workload.Finish();
        TimeSpan elapsed = clock.Elapsed;
        MapEntry[] histogram = session.Maps.Single(map => map.Name == LatencyProbe.Histogram).Entries(perCpu).ToArray();
        List<LatencyEvent> events = [];
        using (EventReader reader = session.OpenReader())
        {
            reader.Detach();
            while (reader.TryRead() is EbpfEvent taken)
            {
                events.Add((LatencyEvent)taken);
            }
        }

        return new LatencyRun(workload.ProcessId, events.ToArray(), session.Loss, histogram, elapsed);
    }

    /// <summary>The one histogram of a call.</summary>
    public Histogram HistogramOf(string syscall, string name = "calling", bool is32Bit = false) =>
        Histogram.From(Entries.Single(entry => Label(entry, "Syscall").Equals(syscall)
            && Label(entry, "ProcessName").Equals(name)
            && Label(entry, "Is32Bit").Equals(is32Bit)).Value)!;

    /// <summary>What an entry's key means.</summary>
    public static object Label(MapEntry entry, string name) => entry.Labels.Single(label => label.Key == name).Value;
}
