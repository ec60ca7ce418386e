using System.Collections.ObjectModel;
using System.Globalization;

namespace EbpfPs.Probes;

/// <summary>How many times lay between two limits.</summary>
/// <param name="FromNs">The lower limit, in nanoseconds; it belongs to the bucket.</param>
/// <param name="ToNs">The upper limit, in nanoseconds; it doesn't.</param>
/// <param name="Count">How many.</param>
public sealed record HistogramBucket(long FromNs, long ToNs, long Count)
{
    /// <summary>The lower limit, to 100 ns; it belongs to the bucket.</summary>
    public TimeSpan From => TimeSpan.FromTicks(FromNs / TimeSpan.NanosecondsPerTick);

    /// <summary>The upper limit, to 100 ns; it doesn't.</summary>
    public TimeSpan To => TimeSpan.FromTicks(ToNs / TimeSpan.NanosecondsPerTick);

    /// <summary>The bucket on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{FromNs}-{ToNs}ns={Count}");
}

/// <summary>Buckets, the shortest times first.</summary>
public sealed class HistogramBuckets : ReadOnlyCollection<HistogramBucket>
{
    internal HistogramBuckets(IList<HistogramBucket> buckets)
        : base(buckets)
    {
    }

    /// <summary>All of them on one line, so that they are still there in a CSV file: <c>512-1024ns=6 1024-2048ns=3</c>.</summary>
    public override string ToString() => string.Join(' ', this);
}

/// <summary>
/// Times, counted by powers of two. Of a map's value with members <c>count</c>, <c>total</c>, <c>minimum</c> and
/// <c>maximum</c>, and <c>slots</c>, the n-th of which counts times of 2^n to 2^(n+1) - 1 ns (the first also 0), count,
/// total, mean, least and greatest are exact. Of slots alone (<see cref="IsExact"/> is false) the count is: the least and the
/// greatest are the limits of the outermost buckets, and for the mean each time counts as the middle of its bucket. A
/// percentile is interpolated within its bucket as if the times were spread evenly over that part of it that lies between
/// the least and the greatest: it is off by less than the bucket's width.
/// </summary>
public sealed class Histogram
{
    private readonly HistogramSlots _slots;

    private Histogram(HistogramSlots slots, ulong count, decimal total, bool exact)
    {
        _slots = slots;
        IsExact = exact;
        Count = unchecked((long)count);
        TotalNs = exact ? unchecked((long)(ulong)total) : (long)Math.Min(total, long.MaxValue);
        MinNs = slots.Least;
        MaxNs = slots.Greatest;
        MeanNs = count == 0 ? 0 : (long)Math.Min(Math.Round(total / count), long.MaxValue);
        P50Ns = PercentileNs(50);
        P90Ns = PercentileNs(90);
        P99Ns = PercentileNs(99);
        Buckets = new HistogramBuckets(slots.Listed().Select(slot => new HistogramBucket(slot.From, slot.To, unchecked((long)slot.Count))).ToList());
    }

    /// <summary>Whether mean, least, greatest and sum were counted too, and not only slots.</summary>
    public bool IsExact { get; }

    /// <summary>How many times were counted.</summary>
    public long Count { get; }

    /// <summary>Their sum.</summary>
    public TimeSpan Total => Time(TotalNs);

    /// <summary>Their mean.</summary>
    public TimeSpan Mean => Time(MeanNs);

    /// <summary>The least.</summary>
    public TimeSpan Min => Time(MinNs);

    /// <summary>Half of them are no longer.</summary>
    public TimeSpan P50 => Time(P50Ns);

    /// <summary>90 % of them are no longer.</summary>
    public TimeSpan P90 => Time(P90Ns);

    /// <summary>99 % of them are no longer.</summary>
    public TimeSpan P99 => Time(P99Ns);

    /// <summary>The greatest.</summary>
    public TimeSpan Max => Time(MaxNs);

    /// <summary>Their sum, in nanoseconds.</summary>
    public long TotalNs { get; }

    /// <summary>Their mean, in nanoseconds.</summary>
    public long MeanNs { get; }

    /// <summary>The least, in nanoseconds.</summary>
    public long MinNs { get; }

    /// <summary>Half of them are no longer, in nanoseconds.</summary>
    public long P50Ns { get; }

    /// <summary>90 % of them are no longer, in nanoseconds.</summary>
    public long P90Ns { get; }

    /// <summary>99 % of them are no longer, in nanoseconds.</summary>
    public long P99Ns { get; }

    /// <summary>The greatest, in nanoseconds.</summary>
    public long MaxNs { get; }

    /// <summary>The buckets from the first to the last that has any.</summary>
    public HistogramBuckets Buckets { get; }

    /// <summary>The histogram in a map's value; null where the value is none.</summary>
    public static Histogram? From(object value) =>
        value is StructValue members
        && members["count"] is ulong count
        && members["total"] is ulong total
        && members["minimum"] is ulong minimum
        && members["maximum"] is ulong maximum
        && members["slots"] is ulong[] { Length: > 0 and < 63 } slots
            ? new Histogram(
                new HistogramSlots(
                    slots.Select((slot, i) => new HistogramSlot(Start(i), Start(i + 1), slot)).ToArray(),
                    unchecked((long)minimum),
                    unchecked((long)maximum)),
                count,
                total,
                exact: true)
            : null;

    /// <summary>A histogram of slots alone.</summary>
    /// <param name="slots">Nanoseconds.</param>
    internal static Histogram From(HistogramSlots slots) =>
        new(slots, (ulong)slots.Count, (decimal)Math.Min(slots.EstimatedTotal, long.MaxValue), exact: false);

    /// <summary>The time that so many percent are no longer than.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <returns>Nanoseconds; 0 where nothing was counted.</returns>
    public long PercentileNs(double percent) => _slots.Percentile(percent);

    /// <summary>Count, mean and greatest on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Count={Count}, Mean={Mean}, Max={Max}");

    private static TimeSpan Time(long ns) => TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);

    /// <summary>Where a slot begins.</summary>
    private static long Start(int slot) => slot == 0 ? 0 : 1L << slot;
}
