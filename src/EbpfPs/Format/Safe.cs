using System.Collections;
using System.Globalization;
using EbpfPs.Events;

namespace EbpfPs.Format;

/// <summary>What the views put into their cells. A view must never pass on what an event's text could do to a terminal.</summary>
public static class Safe
{
    /// <summary>Text with control characters shown as escapes, see <see cref="TerminalText"/>.</summary>
    public static string Text(object? value) => TerminalText.Escape(Convert.ToString(value, CultureInfo.InvariantCulture));

    /// <summary>A message, likewise, but for its own lines and tabs: it may name what an object or a file calls itself.</summary>
    public static string Message(string message) =>
        string.Join('\n', message.Split('\n').Select(line => string.Join('\t', line.Split('\t').Select(TerminalText.Escape))));

    /// <summary>Each text of a list, likewise; a list that was stored and read back is another kind of list.</summary>
    public static string[] List(IEnumerable? values) => values is string one ? [Text(one)] : values?.Cast<object?>().Select(Text).ToArray() ?? [];

    /// <summary>A time in three digits or so, as people compare them: 850ns, 12.3us, 4.56ms, 7.8s, 3m12s, 5h02m.</summary>
    public static string Duration(object? nanoseconds)
    {
        if (nanoseconds is null)
        {
            return "";
        }

        long ns = Convert.ToInt64(nanoseconds, CultureInfo.InvariantCulture);
        return ns switch
        {
            < 0 => "",
            < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ns}ns"),
            < 999_500 => Scaled(ns, 1e3, "us"),
            < 999_500_000 => Scaled(ns, 1e6, "ms"),
            < 59_950_000_000 => Scaled(ns, 1e9, "s"),
            < 3_600_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 60_000_000_000}m{ns / 1_000_000_000 % 60:00}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{ns / 3_600_000_000_000}h{ns / 60_000_000_000 % 60:00}m"),
        };
    }

    /// <summary>The flags of open(2) as strace writes them: O_RDONLY|O_CLOEXEC.</summary>
    public static string Flags(OpenFlags flags)
    {
        string access = (flags & (OpenFlags.O_WRONLY | OpenFlags.O_RDWR)) == 0 ? "O_RDONLY|" : "";
        OpenFlags rest = flags & ~OpenFlags.O_RDONLY;
        return rest == 0 ? "O_RDONLY" : access + rest.ToString().Replace(", ", "|", StringComparison.Ordinal);
    }

    /// <summary>An address and a port, as a URL has them; empty where there is neither.</summary>
    public static string End(string? address, int port) => (string.IsNullOrEmpty(address), address?.Contains(':', StringComparison.Ordinal)) switch
    {
        (true, _) => "",
        (_, true) => string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{address}:{port}"),
    };

    /// <summary>Bytes as a power of 1024, where they are one.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1 << 30 when bytes % (1 << 30) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30}GB"),
        >= 1 << 20 when bytes % (1 << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}MB"),
        >= 1 << 10 when bytes % (1 << 10) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10}KB"),
        _ => bytes.ToString(CultureInfo.InvariantCulture),
    };

    private static string Scaled(long ns, double unit, string name)
    {
        double value = ns / unit;
        string digits = value < 9.995 ? "0.##" : value < 99.95 ? "0.#" : "0";
        return value.ToString(digits, CultureInfo.InvariantCulture) + name;
    }
}
