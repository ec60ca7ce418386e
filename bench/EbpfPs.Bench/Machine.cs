namespace EbpfPs.Bench;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    /// <summary>The kernel's release: <c>6.18.44</c>.</summary>
    public static string Kernel => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    /// <summary>Others that ran when it was asked: the 1-minute load average, proc(5).</summary>
    public static string LoadAverage => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>Facts, as name and value.</summary>
    public static IEnumerable<(string Name, string Value)> Facts()
    {
        yield return ("kernel", Kernel);
        yield return ("distribution", Value("/etc/os-release", "PRETTY_NAME", '=').Trim('"'));
        yield return ("processor", $"{Environment.ProcessorCount} x {Value("/proc/cpuinfo", "model name", ':')}");
        yield return ("frequency governor", Governor());
        yield return ("memory", $"{long.Parse(Value("/proc/meminfo", "MemTotal", ':').Replace(" kB", "", StringComparison.Ordinal)) * 1024 / 1e9:F1} GB");
        yield return ("kernel.bpf_stats_enabled", Read("/proc/sys/kernel/bpf_stats_enabled"));
        yield return ("mitigations", Read("/sys/devices/system/cpu/vulnerabilities/spectre_v2"));
    }

    private static string Governor()
    {
        string governor = Read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
        return governor.Length > 0 ? governor : "unknown: the machine doesn't say";
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static string Value(string path, string name, char separator) =>
        File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(separator, 2)[1].Trim() ?? "unknown";
}
