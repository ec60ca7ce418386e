using System.Text;
using System.Text.Unicode;

namespace EbpfPs.Events;

/// <summary>
/// Text from the kernel: any bytes but NUL. Valid UTF-8 becomes the characters it stands for; every byte that is
/// not valid becomes a lone low surrogate U+DC80 to U+DCFF, as Python's surrogateescape does, so that no two byte
/// strings become the same text and <see cref="ToBytes"/> gives the bytes back.
/// </summary>
public static class KernelText
{
    private const char EscapeBase = '\uDC00';

    /// <summary>Decodes bytes up to the first NUL.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? bytes : bytes[..end];
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : Escape(text);
    }

    /// <summary>The bytes that <see cref="FromBytes"/> made the text from.</summary>
    public static byte[] ToBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<byte> bytes = new(text.Length);
        Span<byte> encoded = stackalloc byte[4];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is >= '\uDC80' and <= '\uDCFF' && (i == 0 || !char.IsHighSurrogate(text[i - 1])))
            {
                bytes.Add((byte)(text[i] - EscapeBase));
                continue;
            }

            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used);
            bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)].ToArray());
            i += used - 1;
        }

        return bytes.ToArray();
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        Span<char> characters = stackalloc char[2];
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == System.Buffers.OperationStatus.Done)
            {
                text.Append(characters[..rune.EncodeToUtf16(characters)]);
            }
            else
            {
                used = 1;
                text.Append((char)(EscapeBase + bytes[0]));
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }
}
