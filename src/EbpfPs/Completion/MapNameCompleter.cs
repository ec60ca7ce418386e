using System.Collections;
using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The maps of a session that stands on the line already, or of all that run.</summary>
public sealed class MapNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        IEnumerable<ProbeSession> sessions = bound["InputObject"] switch
        {
            ProbeSession one => [one],
            PSObject { BaseObject: ProbeSession one } => [one],
            object[] several => several.Select(item => item is PSObject wrapped ? wrapped.BaseObject : item).OfType<ProbeSession>(),
            _ => SessionRegistry.Running,
        };
        return sessions
            .SelectMany(session => session.Maps)
            .GroupBy(map => map.Name)
            .Select(same => same.First())
            .Select(map => new Candidate(map.Name, map.Name, Describe(map)));
    }

    private static string Describe(SessionMap map) =>
        map.WhyNotReadable.Length > 0 ? $"{map.Type}: {map.WhyNotReadable}" : $"{map.Type} of {map.Probe}: {map.KeyType} -> {map.ValueType}";
}
