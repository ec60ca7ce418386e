using System.Globalization;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// How far this process's clocks are ahead of the machine's (time_namespaces(7), Linux 5.6). The kernel's programs know
/// nothing of it.
/// </summary>
internal static class TimeNamespace
{
    private const long NsPerSecond = 1_000_000_000;

    private static readonly Dictionary<string, long> _offsets = Read();

    // Asked for several times for each batch of events: looked up once.
    private static readonly long _boottime = _offsets.GetValueOrDefault("boottime");
    private static readonly long _monotonic = _offsets.GetValueOrDefault("monotonic");

    /// <summary>Nanoseconds that a clock here is ahead; 0 for one that all namespaces have in common.</summary>
    public static long OffsetNs(int clock) => clock switch
    {
        LibC.CLOCK_BOOTTIME => _boottime,
        LibC.CLOCK_MONOTONIC => _monotonic,
        _ => 0,
    };

    /// <summary>Reads <c>boottime 86400 0</c>: seconds and nanoseconds.</summary>
    internal static Dictionary<string, long> Parse(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields.Length == 3)
        .ToDictionary(fields => fields[0], fields => (Number(fields[1]) * NsPerSecond) + Number(fields[2]), StringComparer.Ordinal);

    /// <summary>The file has the offsets of the namespace that children get: usually this process's own.</summary>
    private static Dictionary<string, long> Read() =>
        new FileInfo("/proc/self/ns/time").LinkTarget == new FileInfo("/proc/self/ns/time_for_children").LinkTarget
            ? Parse(KernelSetting.ReadText("/proc/self/timens_offsets") ?? "")
            : [];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
