namespace EbpfPs.Probes;

/// <content>The session's maps.</content>
public sealed partial class ProbeSession
{
    /// <summary>All its maps, probe by probe; those that the probes share once.</summary>
    /// <exception cref="EbpfException">The session was stopped: its maps are gone.</exception>
    public IReadOnlyList<SessionMap> Maps
    {
        get
        {
            lock (_lock)
            {
                if (State == SessionState.Stopped)
                {
                    throw MapsAreGone(this);
                }

                return _source.Maps(this);
            }
        }
    }

    /// <summary>The exception for whoever asks a stopped session for its maps.</summary>
    internal static EbpfException MapsAreGone(ProbeSession session) => new(
        EbpfErrorId.AlreadyStopped,
        $"Session {session.Id} ({session.Name}) was stopped, and its maps went with it.",
        "Read them before Stop-EbpfProbe.",
        target: session.Name);
}
