using System.Runtime.InteropServices;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>How long syscalls take: an event for each that took long, and a histogram of all.</summary>
public sealed class LatencyProbe : ProbeSpec
{
    /// <summary>The name of the map with the histograms.</summary>
    public const string Histogram = "hist";

    /// <summary>The parameter that names syscalls.</summary>
    internal const string SyscallOption = "Syscall";

    /// <summary>So many syscalls get tracepoints of their own; with more the raw pair costs less.</summary>
    private const int MostTracepoints = 16;

    /// <summary>Bits in the programs' table of wanted calls: WANTED_NUMBERS of bpf/latency.bpf.c.</summary>
    private const int WantedNumbers = 1024;

    private const int HistogramMemory = 64 * 1024 * 1024;
    private const int LeastEntries = 2048;
    private const int MostEntries = 10240;

    private static readonly TimeSpan _minimumDuration = TimeSpan.FromMilliseconds(1);

    private static readonly ProbeMechanism _tracepoint = new(
        "tracepoint",
        ["enter_call", "exit_call"],
        NeedsTracefs: true,
        "For up to 16 syscalls that are named. Calls by 32-bit processes are not seen.");

    private static readonly ProbeMechanism _raw = new(
        "raw tracepoint",
        ["raw_enter", "raw_exit"],
        NeedsTracefs: false,
        "Every syscall of the machine passes two small programs.");

    /// <inheritdoc/>
    public override string Name => "latency";

    /// <inheritdoc/>
    public override string Description => "Syscalls that take long: duration, result, errno; and a histogram per syscall and process name.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Latency;

    /// <inheritdoc/>
    public override Type EventType => typeof(LatencyEvent);

    /// <inheritdoc/>
    public override int Streams => 2;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnOptions => [nameof(SessionOptions.MinimumDuration), SyscallOption];

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } = [_tracepoint, _raw];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => LatencyEvent.Decode(record, context);

    /// <inheritdoc/>
    public override void Validate(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (string name in options.Syscalls)
        {
            SyscallCatalog.Require(name);
        }
    }

    /// <inheritdoc/>
    public override string WhyNot(ProbeMechanism mechanism, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (mechanism != _tracepoint)
        {
            return "";
        }

        if (options.Syscalls.Count is 0 or > MostTracepoints)
        {
            return $"it takes the names of 1 to {MostTracepoints} syscalls";
        }

        string? without = options.Syscalls.FirstOrDefault(name => SyscallCatalog.Tracepoint(name) is null);
        return without is null ? "" : $"syscall '{without}' has no tracepoint";
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TracepointHook> Tracepoints(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Syscalls
            .Select(SyscallCatalog.Tracepoint)
            .OfType<string>()
            .Distinct()
            .SelectMany(name => new TracepointHook[] { new("enter_call", "syscalls", $"sys_enter_{name}"), new("exit_call", "syscalls", $"sys_exit_{name}") })
            .ToArray();
    }

    /// <inheritdoc/>
    public override void Configure(OpenedBpfObject obj, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(options);
        obj.SetVariable("minimum_duration", options.MinimumDurationNs(_minimumDuration));
        obj.SetVariable("wanted_native", MemoryMarshal.AsBytes<ulong>(Wanted(options.Syscalls, SyscallNames.Native)));
        obj.SetVariable("wanted_compat", MemoryMarshal.AsBytes<ulong>(Wanted(options.Syscalls, SyscallNames.Compat)));
        int entries = Math.Clamp(HistogramMemory / (obj.ValueSize(Histogram) * BpfMap.PossibleCpus), LeastEntries, MostEntries);
        obj.SetMaxEntries(Histogram, (uint)(options.HistogramEntries ?? entries));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, object>> LabelsOf(string map, object key)
    {
        if (map != Histogram || key is not StructValue members || members["syscall"] is not uint number || members["compat"] is not uint compat)
        {
            return [];
        }

        SyscallNames table = compat == 0 ? SyscallNames.Native : SyscallNames.Compat;
        return
        [
            new(nameof(LatencyEvent.Syscall), table.NameOf(number)),
            new(nameof(LatencyEvent.ProcessName), members["comm"] ?? ""),
            new(nameof(LatencyEvent.Is32Bit), compat != 0),
        ];
    }

    /// <summary>A bit for each number that is wanted; without names, all but those of calls that never return.</summary>
    private static ulong[] Wanted(IReadOnlyList<string> names, SyscallNames table)
    {
        ulong[] wanted = new ulong[WantedNumbers / 64];
        IEnumerable<uint> numbers = names.Count > 0
            ? names.Select(table.NumberOf).OfType<uint>()
            : Enumerable.Range(0, WantedNumbers).Select(number => (uint)number).Where(number => SyscallCatalog.Returns(table.NameOf(number)));
        foreach (uint number in numbers)
        {
            wanted[number / 64] |= 1UL << (int)(number % 64);
        }

        return wanted;
    }
}
