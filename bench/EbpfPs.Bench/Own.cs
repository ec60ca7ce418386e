using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>EbpfPs in its forms: the engine alone, the agent, the module in PowerShell.</summary>
internal sealed class Own
{
    /// <summary>The form that stands for EbpfPs in ratios.</summary>
    public const string Main = "EbpfPs agent, JSON";

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

    /// <summary>All forms with one probe.</summary>
    public IReadOnlyList<Tracer> Tracers(string probe, string line, int linesPerOperation = 1)
    {
        string absent = ProbeCatalog.All.Any(spec => spec.Name == probe) ? "" : $"there is no probe '{probe}' yet";
        Tracer engine = new()
        {
            Name = "EbpfPs engine, decode only",
            Command = [Environment.ProcessPath!, "read", probe, line],
            LinesPerOperation = linesPerOperation,
            Account = "loss report",
            Missing = absent,
        };
        Tracer agent = engine with
        {
            Name = Main,
            Command = [Agent, "watch", probe, "--format", "json"],
            LineCommand = [Agent, "watch", probe, "--format", "json"],
            Line = $"\"{line}\"",
            Missing = absent.Length > 0 || File.Exists(Agent) ? absent : "the agent is not built",
        };
        Tracer module = engine with
        {
            Name = "EbpfPs in pwsh, | Out-Null",
            Command = Pipeline(probe, "Out-Null"),
            Missing = absent.Length > 0 || (File.Exists(Module) && Shell.Find("pwsh").Length > 0) ? absent : "the module is not built, or there is no pwsh",
        };
        return [engine, agent, module];
    }
}
