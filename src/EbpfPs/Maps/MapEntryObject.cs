using System.Management.Automation;
using EbpfPs.Probes;
using Entry = EbpfPs.Probes.MapEntry;

namespace EbpfPs.Maps;

/// <summary>
/// A map's entry as an object of the pipeline: Map, Key and Value, and the members of both once more beside them, so that
/// Sort-Object, Where-Object and Export-Csv reach the numbers. A histogram's numbers stand there in place of its value's.
/// </summary>
internal static class MapEntryObject
{
    /// <summary>The type name of every entry.</summary>
    public const string TypeName = "EbpfPs.MapEntry";

    /// <summary>The type name that entries with a histogram have first.</summary>
    public const string HistogramTypeName = "EbpfPs.HistogramEntry";

    /// <summary>The type name that entries with a histogram of plain numbers have first.</summary>
    public const string NumberHistogramTypeName = "EbpfPs.NumberHistogramEntry";

    /// <summary>Makes the object.</summary>
    public static object From(Entry entry)
    {
        if (entry.Value is not (StructValue or Histogram or NumberHistogram) && entry.Key is not StructValue && entry.Cpu is null && entry.Labels.Count == 0)
        {
            return new MapEntry(entry.Map, entry.MapId, ToPipeline(entry.Key), ToPipeline(entry.Value));
        }

        object? histogram = entry.Value as NumberHistogram ?? entry.Value as Histogram ?? (object?)Histogram.From(entry.Value);
        Properties made = new();
        made.Object.TypeNames.Insert(0, TypeName);
        made.Add(nameof(Entry.Map), entry.Map);
        made.Add(nameof(Entry.MapId), entry.MapId);
        if (histogram is not null)
        {
            made.Object.TypeNames.Insert(0, histogram is NumberHistogram ? NumberHistogramTypeName : HistogramTypeName);
            AddKey(made, entry);
            if (histogram is NumberHistogram numbers)
            {
                AddNumbers(made, numbers);
            }
            else
            {
                AddNumbers(made, (Histogram)histogram);
            }
        }

        made.Add(nameof(Entry.Key), ToPipeline(entry.Key));
        made.Add(nameof(Entry.Value), histogram ?? ToPipeline(entry.Value));
        if (histogram is null)
        {
            AddKey(made, entry);
            AddMembers(made, entry.Value);
        }

        return made.Object;
    }

    private static void AddKey(Properties made, Entry entry)
    {
        if (entry.Cpu is int cpu)
        {
            made.Add(nameof(Entry.Cpu), cpu);
        }

        foreach ((string name, object value) in entry.Labels)
        {
            made.Add(name, value);
        }

        if (entry.Labels.Count == 0)
        {
            AddMembers(made, entry.Key);
        }
    }

    private static void AddNumbers(Properties made, Histogram histogram)
    {
        made.Add(nameof(Histogram.Count), histogram.Count);
        made.Add(nameof(Histogram.Mean), histogram.Mean);
        made.Add(nameof(Histogram.Min), histogram.Min);
        made.Add(nameof(Histogram.P50), histogram.P50);
        made.Add(nameof(Histogram.P90), histogram.P90);
        made.Add(nameof(Histogram.P99), histogram.P99);
        made.Add(nameof(Histogram.Max), histogram.Max);
        made.Add(nameof(Histogram.Total), histogram.Total);
        made.Add(nameof(Histogram.MeanNs), histogram.MeanNs);
        made.Add(nameof(Histogram.MinNs), histogram.MinNs);
        made.Add(nameof(Histogram.P50Ns), histogram.P50Ns);
        made.Add(nameof(Histogram.P90Ns), histogram.P90Ns);
        made.Add(nameof(Histogram.P99Ns), histogram.P99Ns);
        made.Add(nameof(Histogram.MaxNs), histogram.MaxNs);
        made.Add(nameof(Histogram.TotalNs), histogram.TotalNs);
        made.Add(nameof(Histogram.Buckets), histogram.Buckets);
        made.Add(nameof(Histogram.IsExact), histogram.IsExact);
    }

    private static void AddNumbers(Properties made, NumberHistogram histogram)
    {
        made.Add(nameof(NumberHistogram.Count), histogram.Count);
        made.Add(nameof(NumberHistogram.Mean), histogram.Mean);
        made.Add(nameof(NumberHistogram.Min), histogram.Min);
        made.Add(nameof(NumberHistogram.P50), histogram.P50);
        made.Add(nameof(NumberHistogram.P90), histogram.P90);
        made.Add(nameof(NumberHistogram.P99), histogram.P99);
        made.Add(nameof(NumberHistogram.Max), histogram.Max);
        made.Add(nameof(NumberHistogram.Buckets), histogram.Buckets);
        made.Add(nameof(NumberHistogram.IsExact), histogram.IsExact);
    }

    private static void AddMembers(Properties made, object? value)
    {
        if (value is StructValue members)
        {
            foreach ((string name, object member) in members)
            {
                made.Add(name, ToPipeline(member));
            }
        }
    }

    private static object? ToPipeline(object? value)
    {
        switch (value)
        {
            case StructValue members:
                Properties made = new();
                AddMembers(made, members);
                return made.Object;
            case object[] elements:
                return Array.ConvertAll(elements, ToPipeline);
            default:
                return value;
        }
    }

    /// <summary>An object and the names that it has: to ask PowerShell for a name looks through its tables of types too.</summary>
    private sealed class Properties
    {
        private readonly List<string> _names = [];

        /// <summary>The object.</summary>
        public PSObject Object { get; } = new();

        /// <summary>Adds a property; of two with one name the first stays.</summary>
        public void Add(string name, object? value)
        {
            if (!_names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                _names.Add(name);
                Object.Properties.Add(new PSNoteProperty(name, value), preValidated: true);
            }
        }
    }
}
