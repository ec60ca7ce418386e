using System.Diagnostics;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>
/// Reads sessions on the pipeline's thread, and hands every event on, until an end is reached. Disposing it gives
/// the readers back and ends the sessions that it owns, and no others.
/// </summary>
internal sealed class EventStream : IDisposable
{
    /// <summary>How many events of one session go by before anything else is looked at.</summary>
    private const int Turn = 256;

    /// <summary>How often loss and the traced processes are looked at.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>With several sessions, how long one of them is waited for.</summary>
    private static readonly TimeSpan _shortWait = TimeSpan.FromMilliseconds(20);

    private readonly List<Source> _sources = [];
    private readonly Dictionary<ProbeSession, long> _lostBefore = [];
    private readonly Action<EbpfRecord> _write;
    private readonly CancellationToken _stopping;
    private long _lastLook;
    private long _written;

    public EventStream(Action<EbpfRecord> write, CancellationToken stopping)
    {
        _write = write;
        _stopping = stopping;
    }

    private sealed record Source(ProbeSession Session, EventReader Reader, bool Owned, LossAction LossAction, CancellationTokenRegistration Registration);

    /// <summary>How long to read; null for no end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many events to hand on; null for no end.</summary>
    public long? MaxEvents { get; init; }

    /// <summary>Ends the stream when it says so; asked about ten times a second.</summary>
    public Func<bool>? IsOver { get; init; }

    private bool IsFull => _written >= MaxEvents;

    /// <summary>Takes a session's reader.</summary>
    /// <param name="session">The session.</param>
    /// <param name="owned">Whether the session ends with the stream.</param>
    /// <param name="lossAction">What to do about loss; only <see cref="LossAction.Stop"/> matters here: it ends the stream.</param>
    /// <exception cref="EbpfException">Somebody else holds the reader, or the session has ended.</exception>
    public void Add(ProbeSession session, bool owned, LossAction lossAction)
    {
        EventReader reader = session.OpenReader();
        _lostBefore[session] = owned ? 0 : session.Loss.Lost;
        _sources.Add(new Source(session, reader, owned, lossAction, _stopping.Register(reader.Cancel)));
    }

    /// <summary>Whether a session lost events since its reader was taken, or, if it is owned, at all.</summary>
    public bool HasLost(ProbeSession session) => _lostBefore.TryGetValue(session, out long before) && session.Loss.Lost > before;

    /// <summary>Reads until an end is reached, and then the events up to that moment.</summary>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        List<Source> open = [.. _sources];
        while (!_stopping.IsCancellationRequested && !IsFull && open.Count > 0)
        {
            TimeSpan left = Duration is TimeSpan duration ? duration - Stopwatch.GetElapsedTime(start) : TimeSpan.MaxValue;
            if (left <= TimeSpan.Zero || Look())
            {
                Drain();
                return;
            }

            bool any = false;
            foreach (Source source in _sources)
            {
                bool ended = source.Session.State == SessionState.Stopped;
                bool some = open.Contains(source) && Take(source, Turn);
                any |= some;
                if (ended && !some)
                {
                    open.Remove(source);
                }
            }

            if (!any && open.Count > 0)
            {
                Wait(open, left);
            }
        }
    }

    /// <summary>Hands on what is there now, without waiting.</summary>
    public void Drain()
    {
        foreach (Source source in _sources.Where(source => source.Owned))
        {
            source.Reader.Detach();
        }

        foreach (Source source in _sources)
        {
            // Also of those that were detached: what others print goes on.
            source.Reader.EndHere();
            while (!_stopping.IsCancellationRequested && !IsFull && source.Reader.TryRead() is EbpfRecord taken)
            {
                Write(taken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Source source in _sources)
        {
            source.Registration.Dispose();
            source.Reader.Dispose();
            if (source.Owned)
            {
                source.Session.Dispose();
            }
        }

        _sources.Clear();
    }

    private bool Take(Source source, int most)
    {
        int taken = 0;
        while (taken < most && !_stopping.IsCancellationRequested && !IsFull && source.Reader.TryRead() is EbpfRecord one)
        {
            taken++;
            Write(one);
        }

        return taken > 0;
    }

    private void Wait(List<Source> open, TimeSpan left)
    {
        TimeSpan longest = open.Count > 1 ? _shortWait : _look;
        foreach (Source source in open)
        {
            if (source.Reader.Read(left < longest ? left : longest) is EbpfRecord one)
            {
                Write(one);
                return;
            }
        }
    }

    private void Write(EbpfRecord one)
    {
        _written++;
        _write(one);
    }

    private bool Look()
    {
        if (Stopwatch.GetElapsedTime(_lastLook) < _look)
        {
            return false;
        }

        _lastLook = Stopwatch.GetTimestamp();
        return _sources.Exists(source => source.LossAction == LossAction.Stop && HasLost(source.Session)) || (IsOver?.Invoke() ?? false);
    }
}
