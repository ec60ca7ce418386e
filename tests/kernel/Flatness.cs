using System.Globalization;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Samples of a number over time, and whether it grows: a line through them by least squares.</summary>
internal sealed class Flatness
{
    private readonly List<(double Seconds, double Value)> _samples = [];

    public int Count => _samples.Count;

    public void Add(double seconds, double value) => _samples.Add((seconds, value));

    /// <summary>
    /// How far the line rises from the first sample to the last, and how far samples lie from it (their standard
    /// deviation).
    /// </summary>
    public (double Rise, double Scatter, double Mean) Fit()
    {
        double meanX = _samples.Average(sample => sample.Seconds);
        double meanY = _samples.Average(sample => sample.Value);
        double slope = _samples.Sum(sample => (sample.Seconds - meanX) * (sample.Value - meanY))
            / _samples.Sum(sample => (sample.Seconds - meanX) * (sample.Seconds - meanX));
        double squares = _samples.Sum(sample => Math.Pow(sample.Value - meanY - (slope * (sample.Seconds - meanX)), 2));
        return (slope * (_samples[^1].Seconds - _samples[0].Seconds), Math.Sqrt(squares / _samples.Count), meanY);
    }

    /// <summary>
    /// Fails when the line rises by more than the floor and by more than three times the scatter around it: noise of
    /// that size makes no such line. Fails too when it rises by more than the ceiling: in a sawtooth that is high enough any
    /// growth would pass for noise.
    /// </summary>
    /// <param name="what">What was measured.</param>
    /// <param name="floor">A rise that is no growth in any case.</param>
    /// <param name="ceiling">A rise that is growth in any case.</param>
    /// <returns>The numbers, for the record.</returns>
    public string AssertFlat(string what, double floor, double ceiling)
    {
        (double rise, double scatter, double mean) = Fit();
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: mean {mean:0.##}, rise {rise:0.##} over {_samples[^1].Seconds - _samples[0].Seconds:0} s, scatter {scatter:0.##}, {Count} samples");
        Assert.True(rise <= Math.Min(ceiling, Math.Max(floor, 3 * scatter)), text);
        return text;
    }
}
