using System.Collections;
using System.Globalization;
using System.Management.Automation;
using EbpfPs.Events;

namespace EbpfPs.Maps;

/// <summary>Puts keys and values on one line for the view in EbpfPs.Format.ps1xml.</summary>
public static class ValueText
{
    private const int MostElements = 16;
    private const int MostBytes = 32;

    /// <summary>The value's text: members as <c>name=value</c>, arrays as <c>[1 2 3]</c>, bytes in hexadecimal digits, their tail cut.</summary>
    /// <param name="value">A key or value as Get-EbpfMapEntry gives it.</param>
    public static string Of(object? value) => value switch
    {
        null => "",
        PSObject { BaseObject: PSCustomObject } members => string.Join(", ", members.Properties.Select(member => $"{member.Name}={Nested(member.Value)}")),
        PSObject wrapped => Of(wrapped.BaseObject),
        string text => TerminalText.Escape(text),
        byte[] bytes => Convert.ToHexString(bytes, 0, Math.Min(bytes.Length, MostBytes)).ToLowerInvariant() + (bytes.Length > MostBytes ? "..." : ""),
        Array elements => $"[{string.Join(' ', elements.Cast<object>().Take(MostElements).Select(Nested))}{(elements.Length > MostElements ? " ..." : "")}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => TerminalText.Escape(value.ToString()),
    };

    private static string Nested(object? value) =>
        value is PSObject { BaseObject: PSCustomObject } ? $"{{{Of(value)}}}" : Of(value);
}
