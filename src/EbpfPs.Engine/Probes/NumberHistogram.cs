using System.Collections.ObjectModel;
using System.Globalization;

namespace EbpfPs.Probes;

/// <summary>How many numbers lay between two limits.</summary>
/// <param name="From">The lower limit; it belongs to the bucket.</param>
/// <param name="To">The upper limit; it doesn't.</param>
/// <param name="Count">How many.</param>
public sealed record NumberBucket(long From, long To, long Count)
{
    /// <summary>The bucket on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From}-{To}={Count}");
}

/// <summary>Buckets, the least numbers first.</summary>
public sealed class NumberBuckets : ReadOnlyCollection<NumberBucket>
{
    internal NumberBuckets(IList<NumberBucket> buckets)
        : base(buckets)
    {
    }

    /// <summary>All of them on one line, so that they are still there in a CSV file: <c>2-4=6 4-8=3</c>.</summary>
    public override string ToString() => string.Join(' ', this);
}

/// <summary>
/// Numbers of no known unit, counted in slots: powers of two, or each number by itself. In the latter case every number
/// here is exact. Of powers of two the count is; the least and the greatest are the limits of the outermost buckets, for the
/// mean each number counts as the middle of its bucket, and percentiles are interpolated.
/// </summary>
public sealed class NumberHistogram
{
    private readonly HistogramSlots _slots;

    internal NumberHistogram(HistogramSlots slots, bool exact)
    {
        _slots = slots;
        IsExact = exact;
        Buckets = new NumberBuckets(slots.Listed().Select(slot => new NumberBucket(slot.From, slot.To, unchecked((long)slot.Count))).ToList());
    }

    /// <summary>Whether mean, least and greatest are exact.</summary>
    public bool IsExact { get; }

    /// <summary>How many numbers were counted.</summary>
    public long Count => _slots.Count;

    /// <summary>Their mean.</summary>
    public double Mean => Count == 0 ? 0 : _slots.EstimatedTotal / Count;

    /// <summary>The least.</summary>
    public long Min => _slots.Least;

    /// <summary>Half of them are no greater.</summary>
    public long P50 => _slots.Percentile(50);

    /// <summary>90 % of them are no greater.</summary>
    public long P90 => _slots.Percentile(90);

    /// <summary>99 % of them are no greater.</summary>
    public long P99 => _slots.Percentile(99);

    /// <summary>The greatest.</summary>
    public long Max => _slots.Greatest;

    /// <summary>The buckets from the first to the last that has any; of very many those that have any.</summary>
    public NumberBuckets Buckets { get; }

    /// <summary>The number that so many percent are no greater than.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <returns>0 where nothing was counted.</returns>
    public long Percentile(double percent) => _slots.Percentile(percent);

    /// <summary>Count, mean and greatest on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Count={Count}, Mean={Mean:0.##}, Max={Max}");
}
