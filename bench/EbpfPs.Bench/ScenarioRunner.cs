namespace EbpfPs.Bench;

/// <summary>Medians of a tracer's runs.</summary>
/// <param name="Tracer">The tracer.</param>
/// <param name="NotMeasured">Why there are no numbers; empty when there are.</param>
/// <param name="Ns">Time of an operation.</param>
/// <param name="CpuNs">Processor time of an operation.</param>
/// <param name="Added">Of that, what it has more than the same load untraced, just before.</param>
/// <param name="Spread">How far that is from the median, in half of the runs: what lies within it can't be told from nothing.</param>
/// <param name="InPrograms">Time in the tracer's eBPF programs for an operation, by the kernel's account, in a run of its own.</param>
/// <param name="Delivered">Lines or events, of one run.</param>
/// <param name="Lost">Events it says were lost, of one run.</param>
/// <param name="CpuSeconds">The tracer's processor time.</param>
/// <param name="Megabytes">Its peak resident memory.</param>
/// <param name="First">Milliseconds from its start to the first event.</param>
internal sealed record Row(
    Tracer Tracer, string NotMeasured, double Ns = 0, double CpuNs = 0, double Added = 0, double Spread = 0, double InPrograms = 0,
    double? Delivered = null, double? Lost = null,
    double CpuSeconds = 0, double Megabytes = 0, double? First = null)
{
    /// <summary>Whether what it adds is more than the load's own ups and downs.</summary>
    public bool CanBeTold => Added > 2 * Spread;
}

/// <summary>The rows of a scenario.</summary>
internal sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<Row> Rows)
{
    /// <summary>The row of nobody.</summary>
    public Row Untraced => Rows[0];

    /// <summary>The row that stands for EbpfPs.</summary>
    public Row? Main => Rows.FirstOrDefault(row => row.Tracer.Name == Own.Main && row.NotMeasured.Length == 0);

    /// <summary>EbpfPs's cost in a row's; null where one of them is not measured, or can't be told from nothing.</summary>
    public double? Ratio(Row row) => Main is { CanBeTold: true } main && row is { NotMeasured: "", CanBeTold: true } ? main.Added / row.Added : null;

    /// <summary>The same of the time in programs.</summary>
    public double? ProgramRatio(Row row) => Main is Row main && row.NotMeasured.Length == 0 && row.InPrograms > 0 ? main.InPrograms / row.InPrograms : null;
}

/// <summary>
/// Runs a scenario: each tracer in turn, forwards and backwards, and the load untraced before each, so that what
/// changes with time, such as the processor's speed, hits all alike.
/// </summary>
internal static class ScenarioRunner
{
    private const long SlowRate = 500;

    public static ScenarioResult Run(Scenario scenario, int repeat)
    {
        Dictionary<Tracer, List<TracerResult>> results = scenario.Tracers.ToDictionary(tracer => tracer, _ => new List<TracerResult>());
        Dictionary<Tracer, string> missing = scenario.Tracers.ToDictionary(tracer => tracer, tracer => tracer.Missing);
        for (int i = 0; i < repeat; i++)
        {
            foreach (Tracer tracer in i % 2 == 0 ? scenario.Tracers : scenario.Tracers.Reverse())
            {
                if (missing[tracer].Length == 0)
                {
                    missing[tracer] = Measure(scenario, tracer, results[tracer]);
                }
            }
        }

        return new ScenarioResult(scenario, scenario.Tracers.Select(tracer => RowOf(scenario, tracer, results[tracer], missing[tracer], repeat)).ToArray());
    }

    private static string Measure(Scenario scenario, Tracer tracer, List<TracerResult> results)
    {
        try
        {
            LoadResult untraced = Load.Run(scenario.Load, scenario.Count);
            TracerResult result = TracerRun.Measure(tracer, () => Load.Run(scenario.Load, scenario.Count)) with { Untraced = untraced };
            results.Add(result);
            Progress.Say($"{scenario.Probe}: {tracer.Name}: {result.Load.NsPerOperation:F0} ns, cpu {result.Load.CpuNsPerOperation:F0} ns, untraced {untraced.CpuNsPerOperation:F0} ns, delivered {result.Delivered}, lost {result.Lost}");
            return "";
        }
        catch (TracerException error)
        {
            Progress.Say($"{scenario.Probe}: {tracer.Name}: {error.Message}");
            return error.Message;
        }
    }

    private static Row RowOf(Scenario scenario, Tracer tracer, List<TracerResult> results, string missing, int repeat)
    {
        if (missing.Length > 0)
        {
            return new Row(tracer, missing);
        }

        double[] added = results.Select(one => one.Load.CpuNsPerOperation - one.Untraced!.CpuNsPerOperation).ToArray();
        double median = Statistics.Median(added);
        return new Row(
            tracer,
            "",
            Statistics.Median(results.Select(one => one.Load.NsPerOperation)),
            Statistics.Median(results.Select(one => one.Load.CpuNsPerOperation)),
            median,
            Statistics.Median(added.Select(one => Math.Abs(one - median))),
            InPrograms(scenario, tracer),
            Statistics.MedianOrNull(results.Select(one => (double?)one.Delivered)),
            Statistics.MedianOrNull(results.Select(one => (double?)one.Lost)),
            Statistics.Median(results.Select(one => one.CpuSeconds)),
            Statistics.Median(results.Select(one => one.Megabytes)),
            First(scenario, tracer, repeat));
    }

    private static double InPrograms(Scenario scenario, Tracer tracer)
    {
        if (tracer.Command.Count == 0)
        {
            return 0;
        }

        using ProgramTime time = new();
        double spent = 0;
        TracerRun.Measure(tracer, () =>
        {
            double before = ProgramTime.Nanoseconds();
            LoadResult load = Load.Run(scenario.Load, scenario.Count);
            spent = ProgramTime.Nanoseconds() - before;
            return load;
        });
        return spent / scenario.Count;
    }

    private static double? First(Scenario scenario, Tracer tracer, int repeat)
    {
        if (tracer.LineCommand.Count == 0)
        {
            return null;
        }

        // A slow load that runs all the while, so that there is always an event to see.
        using System.Diagnostics.Process load = Load.Start(scenario.Load, long.MaxValue, SlowRate);
        try
        {
            return Statistics.MedianOrNull(Enumerable.Range(0, Math.Min(repeat, 3)).Select(_ => TracerRun.TimeToFirstEvent(tracer)?.TotalMilliseconds).ToArray());
        }
        finally
        {
            load.Kill();
            load.WaitForExit();
        }
    }
}
