using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Who opens which file: open, creat, openat and openat2.</summary>
public sealed class OpenProbe : ProbeSpec
{
    private const string Blind = "Opens through io_uring and by 32-bit processes are not seen.";

    /// <inheritdoc/>
    public override string Name => "open";

    /// <inheritdoc/>
    public override string Description => "Files that are opened, and attempts that fail: name, flags, mode, descriptor or errno, duration.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Open;

    /// <inheritdoc/>
    public override Type EventType => typeof(OpenEvent);

    /// <inheritdoc/>
    public override int Streams => 5;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnOptions => [nameof(SessionOptions.MinimumDuration)];

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
    [
        new("tracepoint", SyscallPrograms("open", "creat", "openat", "openat2"), NeedsTracefs: true, Blind),
        new(
            "raw tracepoint",
            ["raw_enter", "raw_exit"],
            NeedsTracefs: false,
            Blind + " Without tracefs every syscall of the machine passes two small programs."),
    ];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => OpenEvent.Decode(record, context);

    /// <inheritdoc/>
    public override void Configure(OpenedBpfObject obj, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(options);
        obj.SetVariable("minimum_duration", options.MinimumDurationNs(TimeSpan.Zero));
    }
}
