using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>What the soak calls flat, with made-up samples: four a second, for ten minutes.</summary>
public sealed class FlatnessTests
{
    private const int Samples = 2400;

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0.9, 0, true)]
    [InlineData(1.5, 0, false)]
    [InlineData(-10, 0, true)]
    [InlineData(2.5, 4, true)]
    [InlineData(2.5, 2, false)]
    [InlineData(3.5, 40, true)]
    [InlineData(5, 40, false)]
    public void ALineIsFlatBelowTheFloorOrWithinTheNoiseAndNeverAboveTheCeiling(double growth, double sawtooth, bool isFlat)
    {
        Flatness samples = new();
        for (int i = 0; i < Samples; i++)
        {
            // A tooth is 20 samples: five seconds from one collection of garbage to the next.
            samples.Add(i / 4.0, 80 + (growth * i / Samples) + (sawtooth * (i % 20) / 20));
        }

        Exception? failure = Record.Exception(() => samples.AssertFlat("memory", floor: 1, ceiling: 4));
        Assert.Equal(isFlat, failure is null);
    }
}
