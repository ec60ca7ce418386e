using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Maps;

/// <summary>Draws histograms for the view in EbpfPs.Format.ps1xml: what it is of, its numbers, then a bar for each bucket.</summary>
public static class HistogramText
{
    private const int NarrowestBar = 10;
    private const int WidestBar = 40;
    private const int LimitWidth = 8;
    private const int UsualWidth = 80;
    private const string Reset = "\x1b[0m";

    private static readonly string[] _units = ["ns", "us", "ms", "s"];

    /// <summary>Draws an entry.</summary>
    /// <param name="entry">What Get-EbpfMapEntry gave.</param>
    /// <param name="style">The value of $PSStyle, which decides on colours; null for none.</param>
    /// <param name="host">The host, which knows how wide its window is.</param>
    /// <returns>The lines.</returns>
    public static IReadOnlyList<string> Draw(PSObject entry, object? style, PSHost? host)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Properties[nameof(MapEntry.Value)]?.Value is not Histogram histogram)
        {
            // It comes from a file or a job: the buckets are no objects any more, the numbers are.
            return Numbers(entry) is { } numbers
                ? [Coloured(Title(entry), style, "Formatting", "TableHeader"), "  " + Summary(numbers)]
                : [TerminalText.Escape(entry.ToString())];
        }

        List<string> lines = [Coloured(Title(entry), style, "Formatting", "TableHeader"), "  " + Summary(NumbersOf(histogram))];
        long most = histogram.Buckets.Count == 0 ? 0 : histogram.Buckets.Max(bucket => bucket.Count);
        int digits = most.ToString("N0", CultureInfo.InvariantCulture).Length;
        int room = WidthOf(host) - digits - (2 * LimitWidth) - 12;
        int width = Math.Clamp(room, NarrowestBar, WidestBar);
        foreach (HistogramBucket bucket in histogram.Buckets)
        {
            // Whatever was counted shows, be it ever so few.
            int length = bucket.Count == 0 ? 0 : Math.Max(1, (int)Math.Round((double)bucket.Count * width / most));
            string bar = Coloured(new string('@', length), style, "Foreground", "Cyan") + new string(' ', width - length);
            string count = bucket.Count.ToString("N0", CultureInfo.InvariantCulture).PadLeft(digits);
            lines.Add($"  {Time(bucket.FromNs),LimitWidth} - {Time(bucket.ToNs),LimitWidth} {count} |{bar}|");
        }

        return lines;
    }

    /// <summary>A time in the unit that suits it, with three digits: <c>1.54us</c>.</summary>
    /// <param name="ns">Nanoseconds.</param>
    public static string Time(long ns)
    {
        double value = ns;
        int unit = 0;
        while (value >= 999.5 && unit < _units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.#" : "0.##";
        return value.ToString(format, CultureInfo.InvariantCulture) + _units[unit];
    }

    private static string Summary(long[] numbers) => string.Create(
        CultureInfo.InvariantCulture,
        $"count {numbers[0]:N0}, mean {Time(numbers[1])}, p50 {Time(numbers[2])}, p90 {Time(numbers[3])}, p99 {Time(numbers[4])}, max {Time(numbers[5])}");

    private static long[] NumbersOf(Histogram histogram) =>
        [histogram.Count, histogram.MeanNs, histogram.P50Ns, histogram.P90Ns, histogram.P99Ns, histogram.MaxNs];

    /// <summary>The same from an entry's own properties; null where it has not all of them.</summary>
    private static long[]? Numbers(PSObject entry)
    {
        string[] names = [nameof(Histogram.Count), nameof(Histogram.MeanNs), nameof(Histogram.P50Ns), nameof(Histogram.P90Ns), nameof(Histogram.P99Ns), nameof(Histogram.MaxNs)];
        long[] numbers = new long[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            if (entry.Properties[names[i]]?.Value is not object value || !LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }

    /// <summary>What an entry's key says: the properties between the map's name and the numbers.</summary>
    /// <param name="entry">What Get-EbpfMapEntry gave.</param>
    public static string Title(PSObject entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        List<string> words = [];
        foreach (PSPropertyInfo property in entry.Properties.Skip(1).TakeWhile(property => property.Name != nameof(Histogram.Count)))
        {
            switch (property.Value)
            {
                case bool flag when flag:
                    words.Add(property.Name);
                    break;
                case not (bool or null):
                    words.Add(property.Name == nameof(MapEntry.Cpu) ? $"CPU {property.Value}" : TerminalText.Escape(property.Value.ToString()));
                    break;
            }
        }

        return string.Join(", ", words);
    }

    /// <summary>
    /// Puts one of $PSStyle's colours around text. PowerShell itself takes colours out for Out-File and Out-String, but not
    /// where its own output is redirected; and it reads NO_COLOR only when it starts.
    /// </summary>
    private static string Coloured(string text, object? style, string group, string colour)
    {
        string? rendering = Property(style, "OutputRendering")?.ToString();
        bool plain = rendering is null or "PlainText"
            || (rendering != "Ansi" && Console.IsOutputRedirected)
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return plain || text.Length == 0 || Property(Property(style, group), colour) is not string { Length: > 0 } code
            ? text
            : code + text + Reset;
    }

    private static object? Property(object? owner, string name) =>
        owner is null ? null : PSObject.AsPSObject(owner).Properties[name]?.Value;

    private static int WidthOf(PSHost? host)
    {
        try
        {
            int width = host?.UI?.RawUI?.BufferSize.Width ?? 0;
            return width > 0 ? width : UsualWidth;
        }
        catch (Exception error) when (error is HostException or PSNotSupportedException or NotImplementedException or IOException)
        {
            // A host without a window.
            return UsualWidth;
        }
    }
}
