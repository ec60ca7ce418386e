using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>One number to hold: design, 7.</summary>
/// <param name="What">What is held.</param>
/// <param name="Limit">What it must be.</param>
/// <param name="Measured">What it is.</param>
/// <param name="Met">Whether it is held; null where it was not measured.</param>
internal sealed record Target(string What, string Limit, string Measured, bool? Met);

/// <summary>The numbers to hold, each beside what was measured.</summary>
internal static class Targets
{
    private const string NotMeasured = "not measured";

    /// <summary>A load that makes less of the rate than this says nothing about it.</summary>
    private const double NearlyAll = 0.95;

    public static IEnumerable<Target> All(Results results)
    {
        ScenarioResult? opens = results.Scenarios.FirstOrDefault(one => one.Scenario.Probe == "open");
        yield return Ratio(opens, "bpftrace 0.2", "<= 0.35 x bpftrace 0.27", 0.35);
        yield return Ratio(opens, "bpftrace 0.17", "<= 0.12 x bpftrace 0.17", 0.12);
        yield return Ratio(opens, "libbpf-tools opensnoop", "<= 0.10 x bcc opensnoop 0.26 (libbpf-tools)", 0.10);
        yield return Lost(results, "Out-Null", 300_000, "lost at 300,000 opens/s into Out-Null, default ring");
        yield return Lost(results, RateBench.Agent, 300_000, "lost at 300,000 opens/s through the agent, default ring");
        yield return Lost(results, RateBench.Sustained, 100_000, "lost at 100,000 opens/s sustained into Export-Csv, default ring");
        yield return Lost(results, RateBench.Burst, 0, "lost in a burst of 1 M opens at full rate into Export-Csv, -BufferSize 128MB");
        DecodeResult? decode = results.Decode.FirstOrDefault(one => one.Case == DecodeResult.SameFile);
        yield return Limit("decode of an open event", decode?.Ns, 150, "ns");
        yield return Limit("allocated for an open event", decode?.Bytes, 250, "bytes");
        yield return Limit("Import-Module, added to pwsh's own start", results.PowerShell?.ImportMs, 100, "ms");
        yield return Limit("Watch-EbpfTrace exec: start to first event, warm shell", results.PowerShell?.FirstEventMs, 150, "ms");
        double? memory = results.PowerShell is PowerShellResult shell ? shell.WatchMegabytes - shell.IdleMegabytes : null;
        yield return Limit("memory above an idle pwsh, watching opens at full rate into Out-Null", memory, 60, "MB");
        yield return new Target("event rejected by -Filter in the kernel", "<= 100 ns above the probe's own cost", "not measured: -Filter does not exist yet", null);
    }

    private static Target Ratio(ScenarioResult? opens, string peer, string limit, double most)
    {
        const string What = "cost added to a traced open";
        Row? row = opens?.Rows.LastOrDefault(one => one.Tracer.Name.StartsWith(peer, StringComparison.Ordinal));
        if (row is null || opens!.Ratio(row) is not double ratio)
        {
            return new Target(What, limit, NotMeasured, null);
        }

        string measured = string.Create(
            CultureInfo.InvariantCulture, $"{ratio:F2} x {row.Tracer.Name}: {opens.Main!.Added:F0} of {row.Added:F0} ns");
        return new Target(What, limit, measured, ratio <= most);
    }

    private static Target Lost(Results results, string end, long rate, string what)
    {
        RateResult[] runs = results.Rates.Where(one => one.End == end && one.Rate == rate).ToArray();
        if (runs.Length == 0)
        {
            // The rates rise until the first loss.
            RateResult? lower = results.Rates.LastOrDefault(one => one.End == end);
            return new Target(what, "0", lower is null ? NotMeasured : string.Create(CultureInfo.InvariantCulture, $"lost {lower.Lost:N0} at {lower.Rate:N0}/s already"), lower is null ? null : false);
        }

        double made = runs.Average(one => one.Achieved);
        if (made < rate * NearlyAll)
        {
            return new Target(what, "0", string.Create(CultureInfo.InvariantCulture, $"{NotMeasured}: the load made only {made:N0}/s"), null);
        }

        long lost = runs.Sum(one => one.Lost);
        string of = string.Create(CultureInfo.InvariantCulture, $"{lost:N0} of {runs.Sum(one => one.Count):N0}, at {made:N0}/s");
        return new Target(what, "0", of, lost == 0);
    }

    private static Target Limit(string what, double? value, double most, string unit) => new(
        what,
        $"<= {most} {unit}",
        value is double known ? string.Create(CultureInfo.InvariantCulture, $"{known:F0} {unit}") : NotMeasured,
        value is null ? null : value <= most);
}
