using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Who connects where, who accepts, and what went through when it closes: TCP over IPv4 and IPv6.</summary>
public sealed class ConnectProbe : ProbeSpec
{
    /// <inheritdoc/>
    public override string Name => "connect";

    /// <inheritdoc/>
    public override string Description => "TCP connections that are made, accepted and closed: both ends, errno, duration, bytes.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Connect;

    /// <inheritdoc/>
    public override Type EventType => typeof(ConnectEvent);

    /// <inheritdoc/>
    public override int Streams => 6;

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
    [
        new(
            "tracepoint",
            ["state_changed", "enter_connect", "exit_connect", "exit_accept", "exit_accept4"],
            NeedsTracefs: true,
            "A connect by a 32-bit process is not seen if it fails before the first packet, nor are its accepts."),
        new(
            "raw tracepoint",
            ["state_changed", "raw_enter", "raw_exit"],
            NeedsTracefs: false,
            "Without tracefs every syscall of the machine passes two small programs."),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> ProgramsHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return [.. mechanism.Programs, .. IoUringTracepoints.Here.Programs(refusals: false)];
    }

    /// <inheritdoc/>
    public override string LimitationHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return $"{IoUringLimitation.OfConnects(IoUringTracepoints.Here)} {mechanism.Limitation}".TrimStart();
    }

    /// <inheritdoc/>
    public override void Configure(OpenedBpfObject obj, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(obj);
        IoUringTracepoints.Here.Configure(obj);
    }

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => ConnectEvent.Decode(record, context);
}
