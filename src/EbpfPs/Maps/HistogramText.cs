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

    private const string Powers = "KMGTPE";

    private static readonly string[] _units = ["ns", "us", "ms", "s"];

    /// <summary>Draws an entry.</summary>
    /// <param name="entry">What Get-EbpfMapEntry gave.</param>
    /// <param name="style">The value of $PSStyle, which decides on colours; null for none.</param>
    /// <param name="host">The host, which knows how wide its window is.</param>
    /// <returns>The lines.</returns>
    public static IReadOnlyList<string> Draw(PSObject entry, object? style, PSHost? host)
    {
        ArgumentNullException.ThrowIfNull(entry);
        string title = Title(entry) is { Length: > 0 } key ? key : TerminalText.Escape(entry.Properties[nameof(MapEntry.Map)]?.Value?.ToString() ?? "");
        string[] summary = Numbers(entry) is string numbers ? [Coloured(title, style, "Formatting", "TableHeader"), "  " + numbers] : [];
        (string Range, long Count)[]? buckets = entry.Properties[nameof(MapEntry.Value)]?.Value switch
        {
            Histogram times => times.Buckets.Select(bucket => ($"{Time(bucket.FromNs),LimitWidth} - {Time(bucket.ToNs),LimitWidth}", bucket.Count)).ToArray(),
            NumberHistogram of => of.Buckets.Select(bucket => (Range(bucket), bucket.Count)).ToArray(),
            _ => null,
        };
        if (buckets is null)
        {
            // It comes from a file or a job: the buckets are no objects any more, the numbers are.
            return summary.Length > 0 ? summary : [TerminalText.Escape(entry.ToString())];
        }

        List<string> lines = [.. summary];
        long most = buckets.Length == 0 ? 0 : buckets.Max(bucket => bucket.Count);
        int digits = most.ToString("N0", CultureInfo.InvariantCulture).Length;
        int range = buckets.Length == 0 ? 0 : buckets.Max(bucket => bucket.Range.Length);
        int width = Math.Clamp(WidthOf(host) - digits - range - 9, NarrowestBar, WidestBar);
        foreach ((string limits, long number) in buckets)
        {
            // Whatever was counted shows, be it ever so few.
            int length = number == 0 ? 0 : Math.Max(1, (int)Math.Round((double)number * width / most));
            string bar = Coloured(new string('@', length), style, "Foreground", "Cyan") + new string(' ', width - length);
            string count = number.ToString("N0", CultureInfo.InvariantCulture).PadLeft(digits);
            lines.Add($"  {limits.PadLeft(range)} {count} |{bar}|");
        }

        return lines;
    }

    /// <summary>The limits of a bucket of numbers: <c>7</c>, <c>[4, 8)</c>, <c>[512, 1K)</c>, where K is 1024 and so on.</summary>
    private static string Range(NumberBucket bucket) => bucket.To - bucket.From == 1
        ? bucket.From.ToString(CultureInfo.InvariantCulture)
        : $"[{Power(bucket.From)}, {Power(bucket.To)})";

    private static string Power(long number)
    {
        int unit = 0;
        while (number != 0 && number % 1024 == 0 && unit < Powers.Length)
        {
            number /= 1024;
            unit++;
        }

        return number.ToString(CultureInfo.InvariantCulture) + (unit == 0 ? "" : Powers[unit - 1]);
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

    /// <summary>
    /// The summary from an entry's own properties; null where it has not all of them. What is only known to the bucket has
    /// a mark: the mean a tilde, the greatest a limit that it is below.
    /// </summary>
    private static string? Numbers(PSObject entry)
    {
        bool times = entry.Properties[nameof(Histogram.MeanNs)] is not null;
        string[] names = ["Mean", "P50", "P90", "P99", "Max"];
        double[] numbers = new double[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            if (!TryNumber(entry, times ? names[i] + "Ns" : names[i], out numbers[i]))
            {
                return null;
            }
        }

        if (!TryNumber(entry, nameof(Histogram.Count), out double count))
        {
            return null;
        }

        bool exact = !LanguagePrimitives.TryConvertTo(entry.Properties[nameof(Histogram.IsExact)]?.Value, CultureInfo.InvariantCulture, out bool known) || known;
        string[] texts = Array.ConvertAll(numbers, number => times ? Time((long)number) : number.ToString("#,0.##", CultureInfo.InvariantCulture));
        string greatest = exact ? texts[4] : times ? "<" + texts[4] : "<" + (numbers[4] + 1).ToString("#,0", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"count {count:N0}, mean {(exact ? "" : "~")}{texts[0]}, p50 {texts[1]}, p90 {texts[2]}, p99 {texts[3]}, max {greatest}");
    }

    private static bool TryNumber(PSObject entry, string name, out double number)
    {
        number = 0;
        return entry.Properties[name]?.Value is object value && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>What an entry's key says: the properties between those of the map and the numbers.</summary>
    /// <param name="entry">What Get-EbpfMapEntry gave.</param>
    public static string Title(PSObject entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        List<string> words = [];
        foreach (PSPropertyInfo property in entry.Properties.TakeWhile(property => property.Name != nameof(Histogram.Count)))
        {
            switch (property.Value)
            {
                case var _ when property.Name is nameof(MapEntry.Map) or nameof(MapEntry.MapId):
                    break;
                case bool flag when flag:
                    words.Add(property.Name);
                    break;
                case not (bool or null):
                    words.Add(property.Name == nameof(Probes.MapEntry.Cpu) ? $"CPU {property.Value}" : TerminalText.Escape(property.Value.ToString()));
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
            // No window to ask: a host may refuse the question (HostException), not know it (the two in the middle), or ask
            // a terminal that is none (IOException). The text is as wide as usual then; nothing else is tried here.
            return UsualWidth;
        }
    }
}
