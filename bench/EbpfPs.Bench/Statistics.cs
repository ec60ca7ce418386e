namespace EbpfPs.Bench;

/// <summary>The middle of measured values.</summary>
internal static class Statistics
{
    /// <summary>The median; of an even number, the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = values.Order().ToArray();
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median of those that there are; null when there is none.</summary>
    public static double? MedianOrNull(IEnumerable<double?> values)
    {
        double[] known = values.Where(value => value is not null).Select(value => value!.Value).ToArray();
        return known.Length == 0 ? null : Median(known);
    }
}
