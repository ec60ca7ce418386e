using System.Diagnostics;
using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>What the module costs in a real pwsh.</summary>
/// <param name="StartMs">pwsh's own start and end.</param>
/// <param name="ImportMs">What Import-Module adds.</param>
/// <param name="FirstEventMs">From Watch-EbpfTrace exec to its first event, in a warm shell.</param>
/// <param name="IdleMegabytes">Peak of a pwsh that does nothing.</param>
/// <param name="WatchMegabytes">Peak of one that watches opens at full rate into Out-Null.</param>
internal sealed record PowerShellResult(double StartMs, double ImportMs, double FirstEventMs, double IdleMegabytes, double WatchMegabytes);

/// <summary>Measures it.</summary>
internal sealed class PowerShellBench
{
    private const long ExecRate = 500;

    private readonly Options _options;
    private readonly Own _own;
    private readonly string _pwsh = Shell.Find("pwsh");

    public PowerShellBench(Options options)
    {
        _options = options;
        _own = new Own(options);
    }

    /// <summary>Why it can't be measured; empty when it can.</summary>
    public string Missing => _pwsh.Length == 0 ? "there is no pwsh" : File.Exists(_own.Module) ? "" : "the module is not built";

    public PowerShellResult Run()
    {
        (double start, double import) = StartTimes();
        PowerShellResult result = new(start, import - start, FirstEvent(), IdleMegabytes(), WatchMegabytes());
        Progress.Say($"pwsh: {result}");
        return result;
    }

    private (double Start, double Import) StartTimes()
    {
        List<double> bare = [];
        List<double> import = [];
        for (int i = 0; i < (2 * _options.Repeat) + 1; i++)
        {
            bare.Add(Time("$null"));
            import.Add(Time($"Import-Module '{_own.Module}'"));
        }

        // The first of each fills the page cache.
        return (Statistics.Median(bare.Skip(1)), Statistics.Median(import.Skip(1)));
    }

    private double Time(string command)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(_pwsh, ["-NoProfile", "-NonInteractive", "-Command", command]);
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private double FirstEvent()
    {
        using Process load = Load.Start("load-execs", long.MaxValue, ExecRate);
        try
        {
            string script = Path.Combine(AppContext.BaseDirectory, "pwsh", "first-event.ps1");
            string text = Shell.Output(_pwsh, "-NoProfile", "-File", script, "-Module", _own.Module, "-Repeat", _options.Repeat.ToString(CultureInfo.InvariantCulture));
            return Statistics.Median(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture)));
        }
        finally
        {
            load.Kill();
            load.WaitForExit();
        }
    }

    private double IdleMegabytes() => Statistics.Median(Enumerable.Range(0, 3).Select(_ =>
    {
        using Process process = Process.Start(_pwsh, ["-NoProfile", "-NonInteractive", "-Command", "Start-Sleep 3"]);
        Thread.Sleep(TimeSpan.FromSeconds(2));
        double peak = ProcessFacts.PeakMegabytes(process.Id);
        process.WaitForExit();
        return peak;
    }));

    private double WatchMegabytes()
    {
        Tracer tracer = new() { Name = "Out-Null", Command = _own.Pipeline("open", "Out-Null"), Account = "loss report" };
        return Statistics.Median(Enumerable.Range(0, Math.Min(3, _options.Repeat)).Select(_ =>
            TracerRun.Measure(tracer, () => Load.Run("load-opens", _options.Operations(2_000_000))).Megabytes).ToArray());
    }
}
