using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs;

/// <summary>A loss report in words.</summary>
internal static class LossText
{
    private const long LargestBuffer = 1L << 30;

    /// <summary>What was lost, with the numbers by the names that they have in the report.</summary>
    public static string Summary(LossReport loss)
    {
        List<string> parts = [];
        AddPart(parts, nameof(loss.RingFull), loss.RingFull ?? 0);
        AddPart(parts, nameof(loss.MapFull), loss.MapFull ?? 0);
        AddPart(parts, nameof(loss.Missed), loss.Missed ?? 0);
        AddPart(parts, nameof(loss.Undecoded), loss.Undecoded);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{loss.Name}: {loss.Lost} events were lost ({string.Join(", ", parts)}); {Number(loss.Produced)} were produced and {loss.Delivered} delivered.");
    }

    /// <summary>What can be done about it.</summary>
    /// <param name="loss">The report.</param>
    /// <param name="bufferSize">The size of the ring that it is about, in bytes.</param>
    public static string Remedy(LossReport loss, long bufferSize)
    {
        List<string> remedies = [];
        if (loss.RingFull > 0)
        {
            string larger = bufferSize < LargestBuffer
                ? string.Create(CultureInfo.InvariantCulture, $"a larger buffer (-BufferSize {Format.Safe.Bytes(Math.Min(bufferSize * 4, LargestBuffer))}), ")
                : "";
            remedies.Add($"The pipeline did not keep up: try {larger}a filter such as -ProcessName, or less work per event.");
        }

        if (loss.MapFull > 0)
        {
            remedies.Add("Too many calls were under way at once to keep the start of each, or too many processes made them for the histogram: try a filter such as -ProcessName.");
        }

        if (loss.Missed > 0)
        {
            remedies.Add("The kernel skipped runs of the programs that came while one was under way on the same CPU: try a filter.");
        }

        if (loss.Undecoded > 0)
        {
            // What a user's object produces nobody counts.
            remedies.Add(loss.Produced is null
                ? "Records that are shorter than their struct are probably of another one: -EventType names it."
                : "Records that can't be decoded are a bug of EbpfPs: please report it.");
        }

        return string.Join(' ', remedies);
    }

    /// <summary>The whole report in one line.</summary>
    public static string Account(LossReport loss) => string.Create(
        CultureInfo.InvariantCulture,
        $"{loss.Name}, {loss.Elapsed.TotalSeconds:0.###} s: Produced {Number(loss.Produced)}, Delivered {loss.Delivered}, Unread {Number(loss.Unread)}, RingFull {Number(loss.RingFull)}, MapFull {Number(loss.MapFull)}, Missed {Number(loss.Missed)}, Truncated {Number(loss.Truncated)}, Undecoded {loss.Undecoded}.");

    private static string Number(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static void AddPart(List<string> parts, string name, long count)
    {
        if (count > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {count}"));
        }
    }
}
