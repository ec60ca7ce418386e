using EbpfPs.Interop;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class TimeNamespaceTests
{
    [Fact]
    public void OffsetsAreSecondsAndNanoseconds()
    {
        Dictionary<string, long> offsets = TimeNamespace.Parse("monotonic           0         0\nboottime       -86400 500000000\n");

        Assert.Equal((0L, -86_399_500_000_000L), (offsets["monotonic"], offsets["boottime"]));
        Assert.Empty(TimeNamespace.Parse(""));
    }

    [Fact]
    public void TheClockOfTheDayIsTheSameEverywhere() => Assert.Equal(0, TimeNamespace.OffsetNs(LibC.CLOCK_REALTIME));
}
