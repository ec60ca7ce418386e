using System.Globalization;
using System.Text;

namespace EbpfPs.Events;

/// <summary>
/// Makes text harmless to a terminal: a file's name may hold escape sequences, line ends, or marks that turn the
/// direction of writing around. What could do something is shown as an escape instead; the rest stays as it is.
/// </summary>
public static class TerminalText
{
    /// <summary>The text with everything that a terminal would act on shown as an escape.</summary>
    /// <param name="text">Text as <see cref="KernelText.FromBytes"/> makes it.</param>
    /// <returns>
    /// <c>\n</c>, <c>\t</c>, <c>\r</c>, <c>\e</c>; <c>\x01</c> for other control characters and for bytes that were not
    /// UTF-8; <c>\u202e</c> for C1 controls, line separators and marks of direction.
    /// </returns>
    public static string Escape(string? text)
    {
        if (text is null)
        {
            return "";
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (IsActive(text, i))
            {
                return Escape(text, i);
            }
        }

        return text;
    }

    private static string Escape(string text, int clean)
    {
        StringBuilder escaped = new(text.Length + 16);
        escaped.Append(text, 0, clean);
        for (int i = clean; i < text.Length; i++)
        {
            char c = text[i];
            if (!IsActive(text, i))
            {
                escaped.Append(c);
                continue;
            }

            escaped.Append(c switch
            {
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                '\x1b' => "\\e",
                < '\x80' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                >= '\uDC80' and <= '\uDCFF' => string.Create(CultureInfo.InvariantCulture, $"\\x{c - 0xDC00:x2}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            });
        }

        return escaped.ToString();
    }

    private static bool IsActive(string text, int i)
    {
        char c = text[i];
        if (c < 0x7f)
        {
            return c < ' ';
        }

        if (char.IsSurrogate(c))
        {
            return char.IsHighSurrogate(c)
                ? i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])
                : i == 0 || !char.IsHighSurrogate(text[i - 1]);
        }

        // DEL and C1; the Arabic letter mark; left-to-right and right-to-left marks; line and paragraph separators;
        // embeddings and overrides; isolates.
        return c is <= '\x9f' or '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
    }
}
