using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using EbpfPs.Probes;

namespace EbpfPs;

/// <summary>The sessions of this process, of all its runspaces.</summary>
internal static class SessionRegistry
{
    private static readonly ConcurrentDictionary<int, Entry> _entries = new();

    /// <summary>Also of sessions that have ended: what was lost may be said after that.</summary>
    private static readonly ConditionalWeakTable<ProbeSession, SessionTerms> _terms = new();

    private sealed record Entry(ProbeSession Session, WeakReference<Runspace?> Owner);

    /// <summary>Those that run, by their number.</summary>
    public static IEnumerable<ProbeSession> Running
    {
        get
        {
            Forget();
            return _entries.Values.Select(entry => entry.Session).OrderBy(session => session.Id).ToArray();
        }
    }

    /// <summary>Puts a session in; the current runspace owns it.</summary>
    public static void Add(ProbeSession session, LossAction lossAction)
    {
        Forget();
        _terms.AddOrUpdate(session, new SessionTerms(lossAction));
        _entries[session.Id] = new Entry(session, new WeakReference<Runspace?>(Runspace.DefaultRunspace));
    }

    /// <summary>What its starter wants done about loss, and what has been said about it.</summary>
    public static SessionTerms TermsOf(ProbeSession session) => _terms.GetValue(session, static _ => new SessionTerms(LossAction.Warn));

    /// <summary>Ends the sessions of a runspace, and those whose runspace has gone.</summary>
    public static void StopThoseOf(Runspace? runspace)
    {
        foreach (Entry entry in _entries.Values)
        {
            bool orphan = !entry.Owner.TryGetTarget(out Runspace? owner)
                || owner!.RunspaceStateInfo.State is not (RunspaceState.Opened or RunspaceState.Opening);
            if (orphan || ReferenceEquals(owner, runspace))
            {
                entry.Session.Dispose();
            }
        }

        Forget();
    }

    private static void Forget()
    {
        foreach (Entry entry in _entries.Values.Where(entry => entry.Session.State == SessionState.Stopped))
        {
            _entries.TryRemove(entry.Session.Id, out _);
        }
    }
}
