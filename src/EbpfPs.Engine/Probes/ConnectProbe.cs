using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Who connects where, who accepts, and what went through when it closes: TCP over IPv4 and IPv6.</summary>
public sealed class ConnectProbe : ProbeSpec
{
    private const string Blind =
        "A connect that fails at once through io_uring or in a 32-bit process is not seen, nor are their accepts.";

    /// <inheritdoc/>
    public override string Name => "connect";

    /// <inheritdoc/>
    public override string Description => "TCP connections that are made, accepted and closed: both ends, errno, duration, bytes.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Connect;

    /// <inheritdoc/>
    public override Type EventType => typeof(ConnectEvent);

    /// <inheritdoc/>
    public override int Streams => 5;

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
    [
        new(
            "tracepoint",
            ["state_changed", "enter_connect", "exit_connect", "exit_accept", "exit_accept4"],
            NeedsTracefs: true,
            Blind),
        new(
            "raw tracepoint",
            ["state_changed", "raw_enter", "raw_exit"],
            NeedsTracefs: false,
            Blind + " Without tracefs every syscall of the machine passes two small programs."),
    ];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => ConnectEvent.Decode(record, context);
}
