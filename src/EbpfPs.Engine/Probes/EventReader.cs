using System.Diagnostics;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// The one reader of a session, used by one thread; only <see cref="Cancel"/> may be called from another. It
/// polls on the thread that asks: no pump, no queue. The ring holds what comes meanwhile.
/// </summary>
public sealed class EventReader : IDisposable
{
    private readonly ProbeSession _session;
    private readonly SessionSource _source;
    private volatile bool _cancelled;
    private volatile int _thread;
    private bool _hadEvents;
    private bool _disposed;

    internal EventReader(ProbeSession session, SessionSource source)
    {
        _session = session;
        _source = source;
        _thread = Environment.CurrentManagedThreadId;
    }

    /// <summary>Whether the thread that asks is the one that has read last, or has opened it.</summary>
    internal bool IsOfThisThread => _thread == Environment.CurrentManagedThreadId;

    /// <summary>Takes an event that is there already.</summary>
    /// <returns>The event, or null when none is.</returns>
    public EbpfRecord? TryRead()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _thread = Environment.CurrentManagedThreadId;
        EbpfRecord? taken = _source.Take();
        _hadEvents |= taken is not null;
        return taken;
    }

    /// <summary>Waits for an event.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <returns>The event; null when the time is over, the read was cancelled, or the session has ended and is drained.</returns>
    public EbpfRecord? Read(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_cancelled)
        {
            bool ended = _session.State == SessionState.Stopped;
            if (TryRead() is EbpfRecord taken)
            {
                return taken;
            }

            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - Stopwatch.GetElapsedTime(start);
            if (ended || left <= TimeSpan.Zero)
            {
                return null;
            }

            _source.Wait(_hadEvents, (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            _hadEvents = false;
        }

        return null;
    }

    /// <summary>
    /// Ends the making of events, so that the rest of the ring can be read to its end; the session is stopped then.
    /// </summary>
    public void Detach() => _session.Detach();

    /// <summary>
    /// From now on this reader takes only what has been made up to this moment: a session that goes on may fill its ring
    /// as fast as it is read. The next reader takes the rest.
    /// </summary>
    public void EndHere() => _source.EndHere();

    /// <summary>Ends a read from any thread; this reader returns no more events from <see cref="Read"/>.</summary>
    public void Cancel()
    {
        _cancelled = true;
        if (!_disposed)
        {
            _source.Wake();
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
