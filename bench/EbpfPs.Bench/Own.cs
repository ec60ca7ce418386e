using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>EbpfPs in its forms: the engine alone, the agent, the module in PowerShell.</summary>
internal sealed class Own
{
    /// <summary>The form that stands for EbpfPs in ratios.</summary>
    public const string Main = "EbpfPs agent, JSON";

    private const string InShell = "EbpfPs in pwsh, | Out-Null";

    private readonly Options _options;

    public Own(Options options) => _options = options;

    public string Agent => Path.Combine(_options.Root, "output", "agent", "ebpfps-agent");

    public string Module => Path.Combine(_options.Root, "output", "EbpfPs", "EbpfPs.psd1");

    /// <summary>How the module's script is run: bench/pwsh/pipeline.ps1.</summary>
    public IReadOnlyList<string> Pipeline(string probe, string sink, long bufferSize = SessionOptions.DefaultBufferSize, string csv = "") =>
    [
        Shell.Find("pwsh"), "-NoProfile", "-File", Path.Combine(AppContext.BaseDirectory, "pwsh", "pipeline.ps1"),
        "-Module", Module, "-Probe", probe, "-Sink", sink,
        "-BufferSize", bufferSize.ToString(CultureInfo.InvariantCulture), "-Csv", csv,
    ];

    /// <summary>All forms with one probe, whose events are counted.</summary>
    public IReadOnlyList<Tracer> Tracers(string probe, string line, int linesPerOperation = 1)
    {
        string[] agent = [Agent, "watch", probe, "--format", "json"];
        return
        [
            Engine(probe, line) with { LinesPerOperation = linesPerOperation },
            Form(Main) with { Command = agent, LineCommand = agent, Line = $"\"{line}\"", LinesPerOperation = linesPerOperation, Missing = AgentMissing },
            Form(InShell) with { Command = Pipeline(probe, "Out-Null"), LinesPerOperation = linesPerOperation, Missing = ModuleMissing },
        ];
    }

    /// <summary>All forms with the latency probe, which keep a histogram of one syscall and make no events.</summary>
    public IReadOnlyList<Tracer> Histograms(string syscall) =>
    [
        Engine("latency", "", syscall) with { LinesPerOperation = 0 },
        Form(Main) with { Command = [Agent, "watch", "latency", "--syscall", syscall, "--min-duration", "1h"], LinesPerOperation = 0, Missing = AgentMissing },
        Form(InShell) with { Command = [.. Pipeline("latency", "Out-Null"), "-Syscall", syscall], LinesPerOperation = 0, Missing = ModuleMissing },
    ];

    private string AgentMissing => File.Exists(Agent) ? "" : "the agent is not built";

    private string ModuleMissing => File.Exists(Module) && Shell.Find("pwsh").Length > 0 ? "" : "the module is not built, or there is no pwsh";

    private static Tracer Engine(params string[] arguments) =>
        Form("EbpfPs engine, decode only") with { Command = [Environment.ProcessPath!, "read", .. arguments] };

    private static Tracer Form(string name) => new() { Name = name, Account = "loss report" };
}
