namespace EbpfPs.Probes;

/// <summary>Finds the name that was meant.</summary>
internal static class Spelling
{
    /// <summary>The nearest of some names; null when none is so near that it was probably meant.</summary>
    public static string? Nearest(string name, IEnumerable<string> names)
    {
        string given = name.ToLowerInvariant();
        string? nearest = names.MinBy(other => (Distance(given, other), other.Length));
        return nearest is not null && Distance(given, nearest) <= Math.Max(1, Math.Min(given.Length, nearest.Length) / 2) ? nearest : null;
    }

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        int[] row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
