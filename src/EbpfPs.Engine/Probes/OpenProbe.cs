using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Who opens which file: open, creat, openat and openat2, and io_uring's requests.</summary>
public sealed class OpenProbe : ProbeSpec
{
    /// <inheritdoc/>
    public override string Name => "open";

    /// <inheritdoc/>
    public override string Description => "Files that are opened, and attempts that fail: name, flags, mode, descriptor or errno, duration.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Open;

    /// <inheritdoc/>
    public override Type EventType => typeof(OpenEvent);

    /// <inheritdoc/>
    public override int Streams => 7;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnOptions => [nameof(SessionOptions.MinimumDuration)];

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
    [
        new("tracepoint", SyscallPrograms("open", "creat", "openat", "openat2"), NeedsTracefs: true, "Opens by 32-bit processes are not seen."),
        new(
            "raw tracepoint",
            ["raw_enter", "raw_exit"],
            NeedsTracefs: false,
            "Without tracefs every syscall of the machine passes two small programs."),
    ];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => OpenEvent.Decode(record, context);

    /// <inheritdoc/>
    public override IReadOnlyList<string> ProgramsHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return [.. mechanism.Programs, .. IoUringTracepoints.Here.Programs(refusals: true)];
    }

    /// <inheritdoc/>
    public override string LimitationHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return $"{IoUringLimitation.OfOpens(IoUringTracepoints.Here)} {mechanism.Limitation}".TrimStart();
    }

    /// <inheritdoc/>
    public override void Configure(OpenedBpfObject obj, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(options);
        obj.SetVariable("minimum_duration", options.MinimumDurationNs(TimeSpan.Zero));
        IoUringTracepoints.Here.Configure(obj);
    }
}
