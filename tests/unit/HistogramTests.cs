using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class HistogramTests
{
    [Fact]
    public void EveryNumber()
    {
        Histogram made = Make([100, 300, 300, 1000, 5000]);

        Assert.Equal((5, 6700, 1340, 100, 5000), (made.Count, made.TotalNs, made.MeanNs, made.MinNs, made.MaxNs));
        Assert.Equal((67, 13, 1, 50), (made.Total.Ticks, made.Mean.Ticks, made.Min.Ticks, made.Max.Ticks));
        Assert.Equal("Count=5, Mean=00:00:00.0000013, Max=00:00:00.0000050", made.ToString());
        Assert.Equal(
            [new(64, 128, 1), new(128, 256, 0), new(256, 512, 2), new(512, 1024, 1), new(1024, 2048, 0), new(2048, 4096, 0), new(4096, 8192, 1)],
            made.Buckets);
        Assert.Equal("64-128ns=1 128-256ns=0 256-512ns=2 512-1024ns=1 1024-2048ns=0 2048-4096ns=0 4096-8192ns=1", made.Buckets.ToString());
        Assert.Equal((40, 81), (made.Buckets[6].From.Ticks, made.Buckets[6].To.Ticks));
    }

    [Fact]
    public void PercentilesLieInTheBucketOfTheTrueOnes()
    {
        Random random = new(99);
        for (int round = 0; round < 200; round++)
        {
            long[] times = Enumerable.Range(0, random.Next(1, 500)).Select(_ => (long)Math.Exp(random.NextDouble() * 20)).Order().ToArray();
            Histogram made = Make(times);
            foreach (double percent in new[] { 1, 10, 50, 90, 99, 99.9, 100 })
            {
                long exact = times[(int)Math.Ceiling(percent / 100 * times.Length) - 1];
                HistogramBucket bucket = made.Buckets.Single(one => exact >= one.FromNs && exact < one.ToNs);

                Assert.InRange(made.PercentileNs(percent), Math.Max(bucket.FromNs, times[0]), Math.Min(bucket.ToNs, times[^1]));
            }

            Assert.InRange(made.P50Ns, made.MinNs, made.P90Ns);
            Assert.InRange(made.P99Ns, made.P90Ns, made.MaxNs);
            Assert.Equal(times[^1], made.PercentileNs(100));
        }
    }

    [Fact]
    public void TimesThatAreAllTheSameHaveNoSpread()
    {
        Histogram made = Make([777, 777, 777]);

        Assert.Equal((777, 777, 777, 777, 777), (made.MinNs, made.P50Ns, made.P90Ns, made.P99Ns, made.MaxNs));
    }

    [Fact]
    public void WithinABucketTimesCountAsSpreadEvenly()
    {
        // Four in 1024..2047, the least 1024, the greatest 2047.
        Histogram made = Make([1024, 1300, 1600, 2047]);

        Assert.Equal(1024 + ((2047 - 1024 + 1) / 2), made.P50Ns);
    }

    [Fact]
    public void ZeroAndOneAreInTheFirstBucket()
    {
        Histogram made = Make([0, 1, 1]);

        Assert.Equal([new HistogramBucket(0, 2, 3)], made.Buckets);
    }

    [Fact]
    public void TheLastSlotHasNoUpperLimitForPercentiles()
    {
        Histogram made = Make([1000], slots: 4);

        Assert.Equal([new HistogramBucket(8, 16, 1)], made.Buckets);
        Assert.Equal((1000, 1000), (made.P50Ns, made.MaxNs));
    }

    [Fact]
    public void AnEmptyOneIsZero()
    {
        Histogram made = Make([]);

        Assert.Equal((0, 0, 0, 0, 0, 0), (made.Count, made.MeanNs, made.MinNs, made.P50Ns, made.P99Ns, made.MaxNs));
        Assert.Empty(made.Buckets);
        Assert.Equal("", made.Buckets.ToString());
    }

    [Fact]
    public void OtherValuesAreNone()
    {
        Assert.Null(Histogram.From(7UL));
        Assert.Null(Histogram.From(new StructValue("struct", [new("slots", new ulong[4])])));
        Assert.Null(Histogram.From(new StructValue("struct", [new("count", 1UL), new("total", 1UL), new("minimum", 1UL), new("maximum", 1UL), new("slots", new uint[4])])));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100.1)]
    public void PercentsBeyondTheWholeAreRefused(double percent) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Make([1]).PercentileNs(percent));

    [Fact]
    public void SlotsAloneTellTheCountAndLimits()
    {
        // As bpf_log2l() has it: 0 and 1 in slot 1, 2 and 3 in slot 2.
        Histogram made = Histogram.From(HistogramSlots.Log2(Slots((0, 1), (1, 2), (2, 4), (4, 1)), 1000));

        Assert.Equal([new(0, 2000, 3), new(2000, 4000, 4), new(4000, 8000, 0), new(8000, 16000, 1)], made.Buckets);
        Assert.Equal((8, 0, 15999, false), (made.Count, made.MinNs, made.MaxNs, made.IsExact));
        Assert.Equal(((3 * 999.5) + (4 * 2999.5) + 11999.5) / 8, made.MeanNs, 1.0);
        Assert.Equal(2500, made.P50Ns);
    }

    [Fact]
    public void TheHighestSlotsEndWhereNumbersDo()
    {
        HistogramSlots slots = HistogramSlots.Log2(Slots((62, 1), (63, 1), (64, 1)));

        Assert.Equal([new(1L << 61, 1L << 62, 1), new(1L << 62, long.MaxValue, 1), new(long.MaxValue, long.MaxValue, 1)], slots.Listed());
        Assert.Equal(3, slots.Count);
        Assert.Equal(long.MaxValue, HistogramSlots.Log2(Slots((60, 1)), 1000).Listed().Single().To);
    }

    [Fact]
    public void NumbersThatAreTheirOwnSlotsAreExact()
    {
        NumberHistogram made = new(HistogramSlots.Linear(Slots((7, 2), (-1, 1), (9, 0), (10, 1), (7, 1))), exact: true);

        Assert.Equal((5, -1, 7, 10, 10), (made.Count, made.Min, made.P50, made.P90, made.Max));
        Assert.Equal(6.0, made.Mean);
        Assert.Equal((12, new NumberBucket(-1, 0, 1), new NumberBucket(7, 8, 3)), (made.Buckets.Count, made.Buckets[0], made.Buckets[8]));
        Assert.Equal("Count=5, Mean=6, Max=10", made.ToString());
    }

    [Fact]
    public void OfNumbersFarApartOnlyThoseThatWereCountedAreListed()
    {
        NumberHistogram made = new(HistogramSlots.Linear(Slots((5, 1), (long.MaxValue - 1, 1), (long.MinValue, 1))), exact: true);

        Assert.Equal(3, made.Buckets.Count);
        Assert.Equal("-9223372036854775808--9223372036854775807=1 5-6=1 9223372036854775806-9223372036854775807=1", made.Buckets.ToString());
    }

    [Fact]
    public void NoSlotsAreZero()
    {
        NumberHistogram made = new(HistogramSlots.Log2([]), exact: false);

        Assert.Equal((0, 0, 0, 0.0, 0), (made.Count, made.Min, made.Max, made.Mean, made.P99));
        Assert.Empty(made.Buckets);
        Assert.Empty(Histogram.From(HistogramSlots.Linear([])).Buckets);
    }

    [Theory]
    [InlineData("log2_histogram_slot", HistogramKind.Log2)]
    [InlineData("linear_histogram_slot", HistogramKind.Linear)]
    [InlineData("u64", null)]
    public void TheTypeOfTheCountsTellsTheKind(string value, HistogramKind? kind)
    {
        BtfInteger count = new(value, 8, IsSigned: false, IsBool: false, IsChar: false, 0, 64);
        BtfInteger number = count with { Text = "u32", Size = 4, Bits = 32 };
        BtfArray text = new("char[4]", number with { IsChar = true, Size = 1, Bits = 8 }, 4);

        Assert.Equal(kind, HistogramReader.KindOf(number, count));
        Assert.Equal(kind, HistogramReader.KindOf(new BtfStruct("struct k", 8, [new("comm", 0, 0, text), new("n", 32, 0, number)]), count));
        Assert.Equal(kind, HistogramReader.KindOf(new BtfStruct("struct k", 8, [new("slot", 0, 0, number), new("comm", 32, 0, text)]), count));
        Assert.Null(HistogramReader.KindOf(new BtfStruct("struct k", 8, [new("n", 0, 0, number), new("comm", 32, 0, text)]), count));
        Assert.Null(HistogramReader.KindOf(text, count));
        Assert.Null(HistogramReader.KindOf(null, count));
    }

    private static KeyValuePair<long, ulong>[] Slots(params (long Slot, ulong Count)[] slots) =>
        Array.ConvertAll(slots, slot => KeyValuePair.Create(slot.Slot, slot.Count));

    private static Histogram Make(long[] times, int slots = 48)
    {
        ulong[] counts = new ulong[slots];
        foreach (long time in times)
        {
            counts[Math.Min(slots - 1, time == 0 ? 0 : (int)Math.Log2(time))]++;
        }

        return Histogram.From(new StructValue(
            "struct latency_value",
            [
                new("count", (ulong)times.Length),
                new("total", (ulong)times.Sum()),
                new("minimum", (ulong)(times.Length == 0 ? 0 : times.Min())),
                new("maximum", (ulong)(times.Length == 0 ? 0 : times.Max())),
                new("slots", counts),
            ]))!;
    }
}
