using System.Globalization;
using static EbpfPs.Bench.Markdown;

namespace EbpfPs.Bench;

/// <summary>Writes results for people.</summary>
internal static class Report
{
    /// <summary>All of them.</summary>
    public static string Full(Results results)
    {
        Markdown text = new();
        text.Line("# What tracing costs").Line();
        text.Line($"Measured by bench/run.sh: every tracer in turn, forwards and backwards, medians of {results.Repeat}; the load runs as fast as it can.")
            .Line($"Load average before the run: {results.LoadAverage}.").Line();
        text.Table(["machine", ""], Machine.Facts().Select(fact => (string[])[fact.Name, fact.Value]));
        text.Table(["measured", "version"], results.Versions.Select(one => (string[])[one.Name, one.Version.Length > 0 ? one.Version : "absent"]));
        text.Line("## Targets").Line();
        text.Table(
            ["what", "must be", "measured", ""],
            Targets.All(results).Select(one => (string[])[one.What, one.Limit, one.Measured, Verdict(one.Met)]));
        foreach (ScenarioResult scenario in results.Scenarios)
        {
            Write(text, scenario);
        }

        Rates(text, results.Rates);
        Module(text, results);
        return text.ToString();
    }

    /// <summary>The table that the README shows.</summary>
    public static string Short(Results results)
    {
        Markdown text = new();
        text.Line("<!-- bench:begin: made by bench/run.sh, see bench/results/latest.md -->");
        text.Table(
            ["cost added to one operation", .. results.Scenarios.Select(one => one.Scenario.Probe)],
            Names(results).Select(name => (string[])[name, .. results.Scenarios.Select(one => Cell(one, name, row => row.CanBeTold ? row.Added : null, one.Ratio))]));
        text.Table(
            ["of that, time in its eBPF programs", .. results.Scenarios.Select(one => one.Scenario.Probe)],
            Names(results).Select(name => (string[])[name, .. results.Scenarios.Select(one => Cell(one, name, row => row.InPrograms, one.ProgramRatio))]));
        text.Line($"{Environment.ProcessorCount} cores, kernel {Machine.Kernel}, medians of {results.Repeat} in one run; in brackets how EbpfPs's cost compares.")
            .Line("In the noise: negative, or less than twice its own spread (± in the results). An exec and a connect take so long themselves that there the second table tells.");
        text.Line("<!-- bench:end -->");
        return text.ToString();
    }

    private static void Write(Markdown text, ScenarioResult result)
    {
        Scenario scenario = result.Scenario;
        text.Line($"## {scenario.Probe}: {scenario.Title}").Line();
        text.Line(string.Create(CultureInfo.InvariantCulture, $"{scenario.Load}, {scenario.Count:N0} operations at full rate.")).Line();
        text.Table(
            ["tracer", "ns/op", "cpu ns/op", "added", "±", "EbpfPs is", "in programs", "events wanted", "delivered", "lost, it says", "by", "reader CPU s", "peak RSS MB", "first event ms"],
            result.Rows.Select(row => Cells(result, row)));
        text.Line("*ns/op*: time of an operation as it passes. *cpu ns/op*: processor time of the load for one; what else the machine does changes it little. *added*: of that, what it is more than the same load untraced just before, median; *±*: half of the runs were nearer to it than this. *EbpfPs is*: what the agent adds, in what this tracer adds; nothing where one of them is negative or less than twice its ±. *in programs*: time that the tracer's eBPF programs ran for an operation, by the kernel's own account (kernel.bpf_stats_enabled), in a run of its own. *delivered*: lines of the load's events in the output; where nothing is printed, events by the reader's own account (in pwsh: of the whole machine). *reader CPU*: from before the load until the reader had caught up.").Line();
    }

    private static string[] Cells(ScenarioResult result, Row row)
    {
        if (row.NotMeasured.Length > 0)
        {
            return [row.Tracer.Name, $"not measured: {row.NotMeasured}", "", "", "", "", "", "", "", "", "", ""];
        }

        bool untraced = row == result.Untraced;
        double? wanted = untraced || row.Delivered is null || row.Tracer.LinesPerOperation == 0 ? null : result.Scenario.Count * row.Tracer.LinesPerOperation;
        return
        [
            row.Tracer.Name, Number(row.Ns), Number(row.CpuNs), untraced ? "" : Number(row.Added), untraced ? "" : Number(row.Spread),
            untraced || row == result.Main ? "" : Times(result.Ratio(row)), untraced ? "" : Number(row.InPrograms),
            Number(wanted), row.Tracer.LinesPerOperation == 0 ? "" : Number(row.Delivered), Number(row.Lost), row.Tracer.Account,
            untraced ? "" : Number(row.CpuSeconds, 2), untraced ? "" : Number(row.Megabytes), Number(row.First),
        ];
    }

    private static void Rates(Markdown text, IReadOnlyList<RateResult> rates)
    {
        if (rates.Count == 0)
        {
            return;
        }

        text.Line("## Opens at rising rates into the ends of a pipeline, until the first loss").Line();
        text.Table(
            ["end", "opens/s asked", "opens/s made", "opens", "lost", "reader CPU s", "peak RSS MB"],
            rates.Select(one => (string[])
            [
                one.End, one.Rate == 0 ? "all it can" : Number(one.Rate), Number(one.Achieved), Number(one.Count), Number(one.Lost), Number(one.CpuSeconds, 2), Number(one.Megabytes),
            ]));
    }

    private static void Module(Markdown text, Results results)
    {
        if (results.Decode.Count > 0)
        {
            text.Line("## Decoding, in one process over recorded bytes").Line();
            text.Table(["records", "ns each", "bytes allocated each"], results.Decode.Select(one => (string[])[one.Case, Number(one.Ns), Number(one.Bytes)]));
        }

        if (results.PowerShell is PowerShellResult shell)
        {
            text.Line("## The module in pwsh").Line();
            text.Table(
                ["what", "value"],
                [
                    ["pwsh's own start and end", $"{Number(shell.StartMs)} ms"],
                    ["added by Import-Module", $"{Number(shell.ImportMs)} ms"],
                    ["Watch-EbpfTrace exec to the first event, warm shell", $"{Number(shell.FirstEventMs)} ms"],
                    ["peak memory, idle", $"{Number(shell.IdleMegabytes)} MB"],
                    ["peak memory, watching opens at full rate into Out-Null", $"{Number(shell.WatchMegabytes)} MB"],
                ]);
        }
    }

    private static IEnumerable<string> Names(Results results) =>
        results.Scenarios.SelectMany(one => one.Rows).Where(row => row.NotMeasured.Length == 0).Select(row => row.Tracer.Name).Where(name => name != "untraced").Distinct();

    private static string Cell(ScenarioResult result, string name, Func<Row, double?> cost, Func<Row, double?> ratio)
    {
        Row? row = result.Rows.FirstOrDefault(one => one.Tracer.Name == name);
        if (row is null || row.NotMeasured.Length > 0)
        {
            return row is null ? "" : "not measured";
        }

        if (cost(row) is not double known)
        {
            return "in the noise";
        }

        string text = $"{Number(known)} ns";
        return row == result.Main || ratio(row) is not double times ? text : $"{text} ({Times(times)})";
    }

    private static string Times(double? ratio) => ratio is double known ? string.Create(CultureInfo.InvariantCulture, $"x {known:F2}") : "";

    private static string Verdict(bool? met) => met switch { true => "met", false => "missed", null => NotMeasured };

    private const string NotMeasured = "not measured";
}
