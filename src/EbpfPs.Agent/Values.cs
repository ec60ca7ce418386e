using System.Globalization;

namespace EbpfPs.Agent;

/// <summary>Sizes and times as people write them, the same as on the cmdlets' parameters.</summary>
internal static class Values
{
    private static readonly (string Unit, long Bytes)[] _sizes =
    [
        ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("", 1),
    ];

    private static readonly (string Unit, double Ticks)[] _times =
    [
        ("ns", 0.01), ("us", 10), ("ms", 1e4), ("s", 1e7), ("m", 6e8), ("h", 3.6e10), ("", 1e7),
    ];

    /// <summary>Bytes: a number, with KB, MB or GB where it is of 1024, 1024² or 1024³ bytes.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static long Size(string text)
    {
        (string unit, long bytes) = _sizes.First(size => text.EndsWith(size.Unit, StringComparison.OrdinalIgnoreCase));
        bool ok = long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        return ok && number <= long.MaxValue / bytes ? number * bytes : throw new UsageException($"'{text}' is no size, such as 128MB.");
    }

    /// <summary>A time: 1.5 (seconds), 500ms, 00:00:05; the units are ns, us, ms, s, m and h.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static TimeSpan Time(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span))
        {
            return span;
        }

        (string unit, double ticks) = _times.First(time => text.EndsWith(time.Unit, StringComparison.Ordinal));
        bool ok = double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        return ok && number * ticks < long.MaxValue ? TimeSpan.FromTicks((long)Math.Ceiling(number * ticks)) : throw new UsageException($"'{text}' is no time, such as 5, 500ms or 00:01:30.");
    }
}
