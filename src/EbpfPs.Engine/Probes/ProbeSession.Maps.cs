namespace EbpfPs.Probes;

/// <content>What the session has in the kernel: its maps, and the numbers of its programs.</content>
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

    /// <summary>The kernel's numbers of its programs that are loaded, as <c>bpf_prog_info</c> has them.</summary>
    /// <exception cref="EbpfException">The session was stopped: its programs are gone.</exception>
    public IReadOnlyList<int> ProgramIds
    {
        get
        {
            lock (_lock)
            {
                return State != SessionState.Stopped ? _source.ProgramIds : throw AreGone(this, "programs");
            }
        }
    }

    /// <summary>The exception for whoever asks a stopped session for its maps.</summary>
    internal static EbpfException MapsAreGone(ProbeSession session) => AreGone(session, "maps");

    private static EbpfException AreGone(ProbeSession session, string what) => new(
        EbpfErrorId.AlreadyStopped,
        $"Session {session.Id} ({session.Name}) was stopped, and its {what} went with it.",
        "Read them before Stop-EbpfProbe.",
        target: session.Name);
}
