using EbpfPs.Bpf;

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

                List<SessionMap> maps = [];
                foreach (AttachedProbe probe in _loader.Probes)
                {
                    Add(maps, probe.Object, probe.Spec.Name, probe.Spec);
                }

                if (_loader.FamilyObject is BpfObject family)
                {
                    Add(maps, family, family.Name, null);
                }

                return maps;
            }
        }
    }

    /// <summary>The exception for whoever asks a stopped session for its maps.</summary>
    internal static EbpfException MapsAreGone(ProbeSession session) => new(
        EbpfErrorId.AlreadyStopped,
        $"Session {session.Id} ({session.Name}) was stopped, and its maps went with it.",
        "Read them before Stop-EbpfProbe.",
        target: session.Name);

    private void Add(List<SessionMap> maps, BpfObject obj, string probe, ProbeSpec? spec)
    {
        bool first = maps.Count == 0;
        maps.AddRange(obj.Maps()
            .Where(map => first || !SessionLoader.IsShared(map.Name))
            .Select(map => new SessionMap(this, probe, obj, map, spec)));
    }
}
