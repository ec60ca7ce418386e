using System.Diagnostics;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// The one reader of a session, used by one thread; only <see cref="Cancel"/> may be called from another. It
/// polls on the thread that asks: no pump, no queue. The ring holds what comes meanwhile.
/// </summary>
public sealed class EventReader : IDisposable
{
    private readonly ProbeSession _session;
    private readonly RingReader _ring;
    private readonly EventBatch _batch;
    private volatile bool _cancelled;
    private bool _hadEvents;
    private bool _disposed;

    internal EventReader(ProbeSession session, RingReader ring, EventBatch batch)
    {
        _session = session;
        _ring = ring;
        _batch = batch;
    }

    /// <summary>Takes an event that is there already.</summary>
    /// <returns>The event, or null when none is.</returns>
    public EbpfEvent? TryRead()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        EbpfEvent? taken = _batch.Take();
        _hadEvents |= taken is not null;
        return taken;
    }

    /// <summary>Waits for an event.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <returns>The event; null when the time is over, the read was cancelled, or the session has ended and is drained.</returns>
    public EbpfEvent? Read(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_cancelled)
        {
            bool ended = _session.State == SessionState.Stopped;
            if (TryRead() is EbpfEvent taken)
            {
                return taken;
            }

            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - Stopwatch.GetElapsedTime(start);
            if (ended || left <= TimeSpan.Zero)
            {
                return null;
            }

            _ring.Wait(_hadEvents, (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            _hadEvents = false;
        }

        return null;
    }

    /// <summary>
    /// Ends the making of events, so that the rest of the ring can be read to its end; the session is stopped then.
    /// </summary>
    public void Detach() => _session.Detach();

    /// <summary>Ends a read from any thread; this reader returns no more events from <see cref="Read"/>.</summary>
    public void Cancel()
    {
        _cancelled = true;
        if (!_disposed)
        {
            _ring.Wake();
        }
    }

    /// <summary>Gives the reader back. What was not read waits for the next one.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _session.CloseReader(this);
        }
    }
}
