using System.Collections;
using System.Management.Automation;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The maps of a session that stands on the line already, or of the whole system, those of sessions first.</summary>
public sealed class MapNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        IEnumerable<ProbeSession>? sessions = bound["InputObject"] switch
        {
            ProbeSession one => [one],
            PSObject { BaseObject: ProbeSession one } => [one],
            object[] several => several.Select(item => item is PSObject wrapped ? wrapped.BaseObject : item).OfType<ProbeSession>(),
            _ => null,
        };
        HashSet<string> seen = [];
        foreach (SessionMap map in (sessions ?? SessionRegistry.Running).SelectMany(session => session.Maps))
        {
            if (seen.Add(map.Name))
            {
                yield return new Candidate(map.Name, map.Name, Describe(map));
            }
        }

        foreach (SystemMap map in sessions is null ? MapCatalog.Quickly() : [])
        {
            if (map.Name.Length > 0 && seen.Add(map.Name))
            {
                string name = TerminalText.Escape(map.Name);
                yield return new Candidate(name, name, Describe(map));
            }
        }
    }

    /// <summary>A map's kind and types on one line.</summary>
    internal static string Describe(KernelMap map)
    {
        string of = map is SessionMap own ? $" of {own.Probe}" : $", number {map.Id}";
        return TerminalText.Escape(map.WhyNotReadable.Length > 0 ? $"{map.Type}: {map.WhyNotReadable}" : $"{map.Type}{of}: {Type(map.KeyType, map.KeySize)} -> {Type(map.ValueType, map.ValueSize)}");
    }

    private static string Type(string name, int size) => name.Length > 0 ? name : $"{size} bytes";
}
