namespace EbpfPs.Probes;

/// <summary>How many values lay between two limits.</summary>
/// <param name="From">The lower limit; it belongs to the slot.</param>
/// <param name="To">The upper limit; it doesn't.</param>
/// <param name="Count">How many.</param>
internal readonly record struct HistogramSlot(long From, long To, ulong Count);

/// <summary>The slots of a histogram, the least first, and what can be told from them.</summary>
internal sealed class HistogramSlots
{
    /// <summary>More slots than these are listed only where they have counts: linear slots can be any numbers.</summary>
    private const int MostListed = 1024;

    private readonly HistogramSlot[] _slots;
    private readonly long _least;
    private readonly long _greatest;

    /// <summary>Slots whose least and greatest value are known.</summary>
    public HistogramSlots(HistogramSlot[] slots, long least, long greatest) => (_slots, _least, _greatest) = (slots, least, greatest);

    private HistogramSlots(HistogramSlot[] used)
        : this(used, used.Length == 0 ? 0 : used[0].From, used.Length == 0 ? 0 : used[^1].To - 1)
    {
    }

    /// <summary>How many values were counted.</summary>
    public long Count => unchecked((long)_slots.Aggregate(0UL, (sum, slot) => sum + slot.Count));

    /// <summary>The least value that may have been counted.</summary>
    public long Least => _least;

    /// <summary>The greatest value that may have been counted.</summary>
    public long Greatest => _greatest;

    /// <summary>The sum, each value taken as the middle of its slot: right where a slot is one number.</summary>
    public double EstimatedTotal => _slots.Sum(slot => (slot.From + ((slot.To - 1.0 - slot.From) / 2)) * slot.Count);

    /// <summary>Powers of two, as bpf_log2l() of bcc has them: slot n is 2^(n-1) to 2^n - 1; 0 and 1 are in the first.</summary>
    /// <param name="counts">By slot, 0 to 64.</param>
    /// <param name="unit">What a limit is multiplied by.</param>
    public static HistogramSlots Log2(IEnumerable<KeyValuePair<long, ulong>> counts, long unit = 1)
    {
        ulong[] all = new ulong[65];
        foreach ((long slot, ulong count) in counts)
        {
            all[Math.Max(slot, 1)] += count;
        }

        return new HistogramSlots(Used(Enumerable.Range(1, 64).Select(n => new HistogramSlot(Limit(n == 1 ? 0 : n - 1, unit), Limit(n, unit), all[n]))));
    }

    /// <summary>Numbers, each a slot of its own.</summary>
    public static HistogramSlots Linear(IEnumerable<KeyValuePair<long, ulong>> counts, long unit = 1)
    {
        SortedDictionary<long, ulong> all = [];
        foreach ((long value, ulong count) in counts.Where(pair => pair.Value > 0 && pair.Key < long.MaxValue / unit && pair.Key >= long.MinValue / unit))
        {
            all[value] = all.GetValueOrDefault(value) + count;
        }

        if (all.Count == 0)
        {
            return new HistogramSlots([]);
        }

        (long first, long last) = (all.First().Key, all.Last().Key);
        IEnumerable<long> listed = (UInt128)((Int128)last - first) < MostListed
            ? Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + i)
            : all.Keys;
        return new HistogramSlots(listed.Select(value => new HistogramSlot(value * unit, (value + 1) * unit, all.GetValueOrDefault(value))).ToArray());
    }

    /// <summary>The slots from the first to the last that has any.</summary>
    public IEnumerable<HistogramSlot> Listed() => Used(_slots);

    /// <summary>The value that so many percent are no longer than.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <returns>Interpolated within its slot; 0 where nothing was counted.</returns>
    public long Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        double wanted = percent / 100 * _slots.Sum(slot => (double)slot.Count);
        double below = 0;
        for (int i = 0; i < _slots.Length; i++)
        {
            double here = _slots[i].Count;
            if (here > 0 && below + here >= wanted)
            {
                long from = Math.Max(_slots[i].From, _least);
                long to = i == _slots.Length - 1 ? _greatest : Math.Min(_slots[i].To, _greatest);
                return _slots[i].To - _slots[i].From == 1
                    ? from
                    : from + (long)Math.Round(Math.Max(0, to - from) * (wanted - below) / here);
            }

            below += here;
        }

        return 0;
    }

    private static HistogramSlot[] Used(IEnumerable<HistogramSlot> slots)
    {
        HistogramSlot[] all = slots.ToArray();
        int first = Array.FindIndex(all, slot => slot.Count > 0);
        return first < 0 ? [] : all[first..(Array.FindLastIndex(all, slot => slot.Count > 0) + 1)];
    }

    private static long Limit(int power, long unit) =>
        power == 0 ? 0 : (long)UInt128.Min((UInt128.One << power) * (ulong)unit, long.MaxValue);
}
