using System.Management.Automation;
using EbpfPs.Probes;

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
    public static PSObject From(MapEntry entry)
    {
        object? histogram = entry.Value as NumberHistogram ?? entry.Value as Histogram ?? (object?)Histogram.From(entry.Value);
        PSObject made = new();
        made.TypeNames.Insert(0, TypeName);
        Add(made, nameof(MapEntry.Map), entry.Map);
        if (histogram is not null)
        {
            made.TypeNames.Insert(0, histogram is NumberHistogram ? NumberHistogramTypeName : HistogramTypeName);
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

        Add(made, nameof(MapEntry.Key), ToPipeline(entry.Key));
        Add(made, nameof(MapEntry.Value), histogram ?? ToPipeline(entry.Value));
        if (histogram is null)
        {
            AddKey(made, entry);
            AddMembers(made, entry.Value);
        }

        return made;
    }

    private static void AddKey(PSObject made, MapEntry entry)
    {
        if (entry.Cpu is int cpu)
        {
            Add(made, nameof(MapEntry.Cpu), cpu);
        }

        foreach ((string name, object value) in entry.Labels)
        {
            Add(made, name, value);
        }

        if (entry.Labels.Count == 0)
        {
            AddMembers(made, entry.Key);
        }
    }

    private static void AddNumbers(PSObject made, Histogram histogram)
    {
        Add(made, nameof(Histogram.Count), histogram.Count);
        Add(made, nameof(Histogram.Mean), histogram.Mean);
        Add(made, nameof(Histogram.Min), histogram.Min);
        Add(made, nameof(Histogram.P50), histogram.P50);
        Add(made, nameof(Histogram.P90), histogram.P90);
        Add(made, nameof(Histogram.P99), histogram.P99);
        Add(made, nameof(Histogram.Max), histogram.Max);
        Add(made, nameof(Histogram.Total), histogram.Total);
        Add(made, nameof(Histogram.MeanNs), histogram.MeanNs);
        Add(made, nameof(Histogram.MinNs), histogram.MinNs);
        Add(made, nameof(Histogram.P50Ns), histogram.P50Ns);
        Add(made, nameof(Histogram.P90Ns), histogram.P90Ns);
        Add(made, nameof(Histogram.P99Ns), histogram.P99Ns);
        Add(made, nameof(Histogram.MaxNs), histogram.MaxNs);
        Add(made, nameof(Histogram.TotalNs), histogram.TotalNs);
        Add(made, nameof(Histogram.Buckets), histogram.Buckets);
        Add(made, nameof(Histogram.IsExact), histogram.IsExact);
    }

    private static void AddNumbers(PSObject made, NumberHistogram histogram)
    {
        Add(made, nameof(NumberHistogram.Count), histogram.Count);
        Add(made, nameof(NumberHistogram.Mean), histogram.Mean);
        Add(made, nameof(NumberHistogram.Min), histogram.Min);
        Add(made, nameof(NumberHistogram.P50), histogram.P50);
        Add(made, nameof(NumberHistogram.P90), histogram.P90);
        Add(made, nameof(NumberHistogram.P99), histogram.P99);
        Add(made, nameof(NumberHistogram.Max), histogram.Max);
        Add(made, nameof(NumberHistogram.Buckets), histogram.Buckets);
        Add(made, nameof(NumberHistogram.IsExact), histogram.IsExact);
    }

    private static void AddMembers(PSObject made, object? value)
    {
        if (value is StructValue members)
        {
            foreach ((string name, object member) in members)
            {
                Add(made, name, ToPipeline(member));
            }
        }
    }

    /// <summary>Adds a property; of two with one name the first stays.</summary>
    private static void Add(PSObject made, string name, object? value)
    {
        if (made.Properties[name] is null)
        {
            made.Properties.Add(new PSNoteProperty(name, value));
        }
    }

    private static object? ToPipeline(object? value)
    {
        switch (value)
        {
            case StructValue members:
                PSObject made = new();
                AddMembers(made, members);
                return made;
            case object[] elements:
                return Array.ConvertAll(elements, ToPipeline);
            default:
                return value;
        }
    }
}
