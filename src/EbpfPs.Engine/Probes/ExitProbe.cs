using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Which processes end, and how.</summary>
public sealed class ExitProbe : ProbeSpec
{
    /// <inheritdoc/>
    public override string Name => "exit";

    /// <inheritdoc/>
    public override string Description => "Processes that end: exit code or signal, core dump, lifetime. One event a process.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Exit;

    /// <inheritdoc/>
    public override Type EventType => typeof(ExitEvent);

    /// <inheritdoc/>
    public override int Streams => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
        [new("raw tracepoint", ["process_exited"], NeedsTracefs: false, "")];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => ExitEvent.Decode(record, context);
}
