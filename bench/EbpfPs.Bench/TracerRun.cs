using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EbpfPs.Bench;

/// <summary>One start of a tracer. Its output goes to files in memory, so that nobody's reading costs anything meanwhile.</summary>
internal sealed partial class TracerRun : IDisposable
{
    private static readonly TimeSpan _longestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _longestDrain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longestEnd = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(300);

    private readonly Tracer _tracer;
    private readonly Process _process;

    private TracerRun(Tracer tracer, IReadOnlyList<string> command)
    {
        _tracer = tracer;
        string stem = Path.Combine("/dev/shm", $"ebpfps-bench-{Environment.ProcessId}");
        OutputPath = stem + ".out";
        ErrorPath = stem + ".err";
        File.WriteAllText(OutputPath, "");

        // The shell gives its place to the tracer, so the process id is the tracer's.
        ProcessStartInfo start = new("/bin/sh");
        foreach (string word in (string[])["-c", "exec \"$@\" >\"$OUTPUT\" 2>\"$ERROR\" </dev/null", "sh", .. command])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["OUTPUT"] = tracer.Discards ? "/dev/null" : OutputPath;
        start.Environment["ERROR"] = ErrorPath;
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{tracer.Name} did not start.");
    }

    public string OutputPath { get; }

    public string ErrorPath { get; }

    private long StartedAt { get; }

    /// <summary>Runs a load beside a tracer.</summary>
    /// <exception cref="TracerException">The tracer can't run here.</exception>
    public static TracerResult Measure(Tracer tracer, Func<LoadResult> load)
    {
        if (tracer.Command.Count == 0)
        {
            return new TracerResult(load(), null, null, 0, 0);
        }

        using TracerRun run = new(tracer, tracer.Command);
        run.WaitUntilAttached();
        int pid = run._process.Id;
        double before = ProcessFacts.CpuSeconds(pid);
        LoadResult done = load();
        double cpu = run.WaitUntilIdle() - before;
        double memory = ProcessFacts.PeakMegabytes(pid);
        run.End();
        return new TracerResult(done, run.Delivered(), run.Lost(), cpu, memory);
    }

    /// <summary>Time from the start of a tracer until the first event of a slow load that runs already is written.</summary>
    public static TimeSpan? TimeToFirstEvent(Tracer tracer)
    {
        using TracerRun run = new(tracer, tracer.LineCommand);
        while (Stopwatch.GetElapsedTime(run.StartedAt) < _longestStart && !run._process.HasExited)
        {
            if (LineCount.Of(run.OutputPath, tracer.Line) > 0)
            {
                TimeSpan taken = Stopwatch.GetElapsedTime(run.StartedAt);
                run.End();
                return taken;
            }

            Thread.Sleep(1);
        }

        return null;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        File.Delete(OutputPath);
        File.Delete(ErrorPath);
    }

    /// <summary>It has programs or perf events, and for a while opens no more descriptors and uses no processor time.</summary>
    private void WaitUntilAttached()
    {
        (int Kernel, int All, double Cpu) last = default;
        long since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(StartedAt) < _longestStart)
        {
            if (_process.HasExited)
            {
                throw new TracerException(Reason());
            }

            (int kernel, int all) = ProcessFacts.Descriptors(_process.Id);
            (int, int, double) now = (kernel, all, ProcessFacts.CpuSeconds(_process.Id));
            if (now != last)
            {
                last = now;
                since = Stopwatch.GetTimestamp();
            }
            else if (kernel > 0 && Stopwatch.GetElapsedTime(since) > _quiet)
            {
                return;
            }

            Thread.Sleep(20);
        }

        throw new TracerException("it did not attach within a minute");
    }

    private double WaitUntilIdle()
    {
        long start = Stopwatch.GetTimestamp();
        double last = -1;
        double now = ProcessFacts.CpuSeconds(_process.Id);

        // Less than a tenth of a processor: pollers never stand quite still.
        while (now - last > _quiet.TotalSeconds / 10 && Stopwatch.GetElapsedTime(start) < _longestDrain)
        {
            Thread.Sleep(_quiet);
            last = now;
            now = ProcessFacts.CpuSeconds(_process.Id);
        }

        return now;
    }

    private void End()
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -INT {_process.Id}"]);
        kill.WaitForExit();
        if (!_process.WaitForExit(_longestEnd))
        {
            throw new TracerException("it did not end when it was asked to");
        }
    }

    private string Reason()
    {
        string[] lines = (File.ReadAllText(ErrorPath) + File.ReadAllText(OutputPath)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string last = Array.FindLast(lines, line => line.Contains("rror", StringComparison.Ordinal) || line.Contains("ailed", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it ended at once";
        return last.Trim();
    }

    private long? Delivered()
    {
        if (_tracer.Line.Length > 0)
        {
            return LineCount.Of(OutputPath, _tracer.Line);
        }

        // The last of its reports: of the load alone, if there is such a one.
        Match? match = DeliveredPattern().Matches(File.ReadAllText(ErrorPath)).LastOrDefault();
        return match is not null ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    private long? Lost()
    {
        if (_tracer.Account.Length == 0)
        {
            return null;
        }

        string text = File.ReadAllText(ErrorPath);
        long lost = LostPattern().Matches(text).Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        if (lost > 0)
        {
            string last = text.Split('\n').Last(line => LostPattern().IsMatch(line));
            Progress.Say($"{_tracer.Name} says: {last[..Math.Min(last.Length, 250)]}");
        }

        return lost;
    }

    /// <summary>EbpfPs: <c>"Lost":0</c>; bpftrace: <c>Lost 12 events</c>; libbpf-tools: <c>lost 12 events on CPU #0</c>.</summary>
    [GeneratedRegex("\\b[Ll]ost\"?:? ?([0-9]+)")]
    private static partial Regex LostPattern();

    [GeneratedRegex("\"(?:Matching|Delivered)\": ?([0-9]+)")]
    private static partial Regex DeliveredPattern();
}

/// <summary>A tracer can't run here.</summary>
internal sealed class TracerException(string message) : Exception(message);
