using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>How one end of a pipeline stood one rate.</summary>
/// <param name="End">What is at the pipeline's end.</param>
/// <param name="Rate">Opens a second that were asked for; 0 for as many as the load can.</param>
/// <param name="Achieved">Opens a second that the load made.</param>
/// <param name="Count">Opens that the load made.</param>
/// <param name="Lost">Events that were lost, by the loss report.</param>
/// <param name="CpuSeconds">The reader's processor time.</param>
/// <param name="Megabytes">Its peak resident memory.</param>
internal sealed record RateResult(string End, long Rate, double Achieved, long Count, long Lost, double CpuSeconds, double Megabytes);

/// <summary>Opens at rising rates into the ends of a pipeline, until the first loss.</summary>
internal sealed class RateBench
{
    public const string Agent = "agent, JSON > /dev/null";
    public const string Sustained = "Export-Csv, for 20 s";
    public const string Burst = "Export-Csv, -BufferSize 128MB, burst of 1 M";

    private const long BurstBuffer = 128 * 1024 * 1024;
    private const long BurstCount = 1_000_000;
    private const long SustainedRate = 100_000;
    private const long SustainedSeconds = 20;

    private static readonly long[] _rates = [50_000, 100_000, 200_000, 300_000, 400_000, 0];

    private readonly Options _options;
    private readonly Own _own;
    private readonly List<RateResult> _results = [];

    public RateBench(Options options)
    {
        _options = options;
        _own = new Own(options);
    }

    private int Seconds => _options.Quick ? 2 : 4;

    /// <summary>Everything; what can't run here is left out.</summary>
    public IReadOnlyList<RateResult> Run()
    {
        if (File.Exists(_own.Agent))
        {
            Rise(Agent, new Tracer { Name = Agent, Command = [_own.Agent, "watch", "open", "--format", "json"], Account = "loss report", Discards = true });
        }

        if (new PowerShellBench(_options).Missing.Length == 0)
        {
            foreach (string sink in (string[])["Out-Null", "Where-Object", "Export-Csv"])
            {
                Rise(sink, Pipeline(sink));
            }

            One(Sustained, SustainedRate, Pipeline("Export-Csv"), () => Load.Run("load-opens", SustainedRate * SustainedSeconds, SustainedRate));
            for (int i = 0; i < Math.Min(3, _options.Repeat); i++)
            {
                One(Burst, 0, Pipeline("Export-Csv", BurstBuffer), () => Load.Run("load-opens", BurstCount));
            }
        }

        return _results;
    }

    private static string CsvPath => $"/dev/shm/ebpfps-bench-{Environment.ProcessId}.csv";

    private Tracer Pipeline(string sink, long buffer = SessionOptions.DefaultBufferSize) =>
        new() { Name = sink, Command = _own.Pipeline("open", sink, buffer, CsvPath), Account = "loss report" };

    private void Rise(string end, Tracer tracer)
    {
        foreach (long rate in _rates)
        {
            // One process can't open so often on every machine: two share the rate.
            long count = rate == 0 ? 400_000L * Seconds : rate * Seconds;
            if (One(end, rate, tracer, () => Load.RunParallel("load-opens", 2, count, rate)).Lost > 0)
            {
                return;
            }
        }
    }

    private RateResult One(string end, long rate, Tracer tracer, Func<LoadResult> load)
    {
        TracerResult run = TracerRun.Measure(tracer, load);
        File.Delete(CsvPath);
        RateResult result = new(end, rate, run.Load.Rate, run.Load.Count, run.Lost ?? 0, run.CpuSeconds, run.Megabytes);
        _results.Add(result);
        Progress.Say($"rates: {end}: {rate}/s asked, {result.Achieved:F0}/s made, {result.Lost} of {result.Count} lost");
        return result;
    }
}
