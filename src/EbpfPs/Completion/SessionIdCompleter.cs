using System.Collections;
using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The sessions that run, by number.</summary>
public sealed class SessionIdCompleter : LiveCompleter
{
    internal static string Describe(ProbeSession session) =>
        string.Create(CultureInfo.InvariantCulture, $"session {session.Id}, {session.Name}, since {session.StartTime:HH:mm:ss}");

    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        SessionRegistry.Running.Select(session =>
        {
            string id = session.Id.ToString(CultureInfo.InvariantCulture);
            return new Candidate(id, $"{id}  {session.Name}", Describe(session));
        });
}
