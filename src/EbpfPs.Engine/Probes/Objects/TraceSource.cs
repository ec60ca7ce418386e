using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>The machine's trace pipe alone: what programs of anybody write with bpf_printk.</summary>
internal sealed class TraceSource : SessionSource
{
    private readonly TraceMessages _messages = new();
    private readonly Waiter _waiter = new();

    public TraceSource() => _messages.Watch(_waiter);

    /// <inheritdoc/>
    public override string Name => "trace_pipe";

    /// <inheritdoc/>
    public override long BufferSize => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<SessionProgram> Programs => [];

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProgramIds => [];

    /// <inheritdoc/>
    public override bool SharesTracePipe => _messages.IsShared;

    /// <inheritdoc/>
    public override void Attach()
    {
        // The pipe is open; there is nothing of ours to attach.
    }

    /// <inheritdoc/>
    public override void Disarm() => _messages.EndHere();

    /// <inheritdoc/>
    public override IReadOnlyList<BpfLink> TakeLinks() => [];

    /// <inheritdoc/>
    public override EbpfRecord? Take() => _messages.Take();

    /// <inheritdoc/>
    public override void EndHere() => _messages.EndHere();

    /// <inheritdoc/>
    public override void Reopen() => _messages.Reopen();

    /// <inheritdoc/>
    public override void Wait(bool hadRecords, int milliseconds) => ObjectSource.Wait(_waiter, hadRecords, milliseconds);

    /// <inheritdoc/>
    public override void Wake() => _waiter.Wake();

    /// <inheritdoc/>
    public override LossReport ReadLoss(TimeSpan elapsed) =>
        new() { Name = Name, Elapsed = elapsed, Delivered = _messages.Delivered, RingFull = _messages.Lost };

    /// <inheritdoc/>
    public override IReadOnlyList<SessionMap> Maps(ProbeSession session) => [];

    /// <inheritdoc/>
    public override void Dispose()
    {
        _waiter.Dispose();
        _messages.Dispose();
    }
}
