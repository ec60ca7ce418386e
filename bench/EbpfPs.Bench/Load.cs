using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EbpfPs.Bench;

/// <summary>What a load generator says of its run.</summary>
/// <param name="Count">Operations done.</param>
/// <param name="Failed">Of these, how many failed.</param>
/// <param name="Seconds">From start to end.</param>
/// <param name="NsPerOperation">Time of one, pauses left out.</param>
/// <param name="CpuNsPerOperation">Processor time of one.</param>
internal sealed record LoadResult(long Count, long Failed, double Seconds, double NsPerOperation, double CpuNsPerOperation)
{
    /// <summary>Operations a second, as achieved.</summary>
    public double Rate => Count / Seconds;
}

/// <summary>Runs the load generators that stand beside this program.</summary>
internal static partial class Load
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "load", name);

    /// <summary>Runs one to its end.</summary>
    /// <param name="name">The program: <c>load-opens</c>.</param>
    /// <param name="count">Operations.</param>
    /// <param name="rate">Operations a second; 0 for as many as it can.</param>
    /// <param name="more">Arguments of its own.</param>
    public static LoadResult Run(string name, long count, long rate = 0, params string[] more)
    {
        using Process process = Start(name, count, rate, more);
        return Finish(process);
    }

    /// <summary>Runs several at once, which share the operations and the rate.</summary>
    public static LoadResult RunParallel(string name, int processes, long count, long rate)
    {
        Process[] running = Enumerable.Range(0, processes).Select(_ => Start(name, count / processes, rate / processes)).ToArray();
        LoadResult[] results = running.Select(Finish).ToArray();
        return new LoadResult(
            results.Sum(one => one.Count),
            results.Sum(one => one.Failed),
            results.Max(one => one.Seconds),
            results.Average(one => one.NsPerOperation),
            results.Average(one => one.CpuNsPerOperation));
    }

    public static Process Start(string name, long count, long rate, params string[] more)
    {
        ProcessStartInfo start = new(PathOf(name)) { RedirectStandardOutput = true };
        start.ArgumentList.Add(count.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(rate.ToString(CultureInfo.InvariantCulture));
        foreach (string one in more)
        {
            start.ArgumentList.Add(one);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
    }

    private static LoadResult Finish(Process process)
    {
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Match match = ResultPattern().Match(text);
        if (process.ExitCode != 0 || !match.Success)
        {
            throw new InvalidOperationException($"A load generator failed ({process.ExitCode}): {text}");
        }

        return new LoadResult(
            (long)Number(match, "count"), (long)Number(match, "failed"), Number(match, "seconds"), Number(match, "ns"), Number(match, "cpu"));
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^count=(?<count>\d+) failed=(?<failed>\d+) seconds=(?<seconds>[\d.]+) ns_per_op=(?<ns>[\d.]+) cpu_ns_per_op=(?<cpu>[\d.]+)")]
    private static partial Regex ResultPattern();
}
