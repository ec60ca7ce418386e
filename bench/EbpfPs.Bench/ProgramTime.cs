using System.Diagnostics;
using System.Text.Json;

namespace EbpfPs.Bench;

/// <summary>
/// The time that eBPF programs run, as the kernel itself accounts it while kernel.bpf_stats_enabled is 1 (bpf(2),
/// BPF_ENABLE_STATS). It does not hold what the hooks around the programs cost, but no noise of the load either: where an
/// operation takes a hundred times what tracing adds, only this tells tracers apart. Accounting costs time of
/// its own, so it is on in runs that measure nothing else.
/// </summary>
internal sealed class ProgramTime : IDisposable
{
    private const string Setting = "/proc/sys/kernel/bpf_stats_enabled";
    private readonly string _before = File.ReadAllText(Setting);

    /// <summary>Switches the accounting on.</summary>
    public ProgramTime() => File.WriteAllText(Setting, "1");

    /// <summary>Nanoseconds of all programs that are loaded now.</summary>
    public static double Nanoseconds()
    {
        ProcessStartInfo start = new("bpftool", ["-j", "prog", "show"]) { RedirectStandardOutput = true };
        using Process bpftool = Process.Start(start) ?? throw new InvalidOperationException("bpftool did not start.");
        using JsonDocument programs = JsonDocument.Parse(bpftool.StandardOutput.BaseStream);
        bpftool.WaitForExit();
        return programs.RootElement.EnumerateArray().Sum(one => one.TryGetProperty("run_time_ns", out JsonElement time) ? time.GetDouble() : 0);
    }

    /// <summary>Puts the setting back.</summary>
    public void Dispose() => File.WriteAllText(Setting, _before);
}
