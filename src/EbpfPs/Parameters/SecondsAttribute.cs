using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace EbpfPs.Parameters;

/// <summary>
/// Lets a TimeSpan parameter take a plain number of seconds, or a number with a unit: ns, us, ms, s, m, h. Without
/// it PowerShell takes a number for ticks of 100 ns.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        // The text comes first: at a command, PowerShell reads 100us as a number of type UInt16 and 10s as an Int16,
        // and keeps what was typed beside it.
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null or TimeSpan => value,

            // Past the command line nothing is kept: "$time = 100us" is a bare 100 here.
            ushort when !inputData!.ToString()!.EndsWith("us", StringComparison.Ordinal) => throw new ArgumentTransformationMetadataException(
                $"PowerShell reads a number with 'us' behind it as a UInt16, and the unit is lost. Quote it: '{value}us'."),

            // Likewise "1d", which is no day: PowerShell reads it as 1 of type Decimal.
            decimal => throw new ArgumentTransformationMetadataException(
                $"PowerShell reads a number with 'd' behind it as a Decimal, and there is no unit for days: use hours ('24h') or a TimeSpan. For seconds, [double] is understood."),

            // A number's own text depends on the culture, and may have an exponent.
            double number => OfSeconds(number) ?? throw NoTime(inputData),
            float number => OfSeconds(number) ?? throw NoTime(inputData),
            _ when Parse(inputData!.ToString()!) is TimeSpan time => time,
            _ => throw NoTime(inputData),
        };
    }

    private static ArgumentTransformationMetadataException NoTime(object? given) => new(
        $"'{given}' is not a time. Use seconds (2.5), a number with a unit (100us, 20ms, 5s, 3m, 1h), or a TimeSpan.");

    private static TimeSpan? OfSeconds(double seconds) => FromTicks(seconds * TimeSpan.TicksPerSecond);

    private static TimeSpan? FromTicks(double ticks) =>
        ticks >= 0 && Math.Round(ticks) < long.MaxValue ? TimeSpan.FromTicks((long)Math.Round(ticks)) : null;

    /// <summary>Reads a time; null if it is none, or out of TimeSpan's range.</summary>
    internal static TimeSpan? Parse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success)
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan clock) && text.Contains(':', StringComparison.Ordinal) ? clock : null;
        }

        double ticks = match.Groups["unit"].Value switch
        {
            "ns" => 1 / 100.0,
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => TimeSpan.TicksPerSecond,
        };
        return FromTicks(double.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * ticks);
    }

    [GeneratedRegex(@"^\s*(?<number>[0-9]+(\.[0-9]+)?|\.[0-9]+)\s*(?<unit>ns|us|ms|s|m|h)?\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
