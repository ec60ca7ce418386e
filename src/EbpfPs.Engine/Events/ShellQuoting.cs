using System.Buffers;

namespace EbpfPs.Events;

/// <summary>Quotes arguments as a POSIX shell reads them (XCU 2.2.2, single quotes).</summary>
public static class ShellQuoting
{
    private static readonly SearchValues<char> _plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-");

    /// <summary>Joins arguments with blanks, each quoted where it needs it.</summary>
    public static string Join(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    /// <summary>One argument, quoted where it needs it.</summary>
    public static string Quote(string argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        bool plain = argument.Length > 0 && !argument.AsSpan().ContainsAnyExcept(_plain);
        return plain ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
