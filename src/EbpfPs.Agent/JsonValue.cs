using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EbpfPs.Agent;

/// <summary>How values of each type stand in JSON.</summary>
internal static class JsonValue
{
    /// <summary>
    /// Leaves letters of every script as they are; quotes, backslashes, control characters and what has no meaning
    /// in Unicode are escaped, so that a line stays a line and harmless on a terminal. It is no HTML.
    /// </summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The writer for a type; enums, and types that are not known here, as their text.</summary>
    public static Action<Utf8JsonWriter, T> WriterFor<T>()
    {
        Delegate? known = default(T) switch
        {
            bool => (Utf8JsonWriter json, bool value) => json.WriteBooleanValue(value),
            int => (Utf8JsonWriter json, int value) => json.WriteNumberValue(value),
            uint => (Utf8JsonWriter json, uint value) => json.WriteNumberValue(value),
            long => (Utf8JsonWriter json, long value) => json.WriteNumberValue(value),
            ulong => (Utf8JsonWriter json, ulong value) => json.WriteNumberValue(value),

            // ISO 8601 with the offset, since Time is local.
            DateTime => (Utf8JsonWriter json, DateTime value) => json.WriteStringValue(value),
            TimeSpan => WriteTimeSpan,
            _ when typeof(T) == typeof(string) => WriteText,
            _ when typeof(T) == typeof(string[]) => WriteTexts,
            _ => null,
        };
        known ??= Nullable.GetUnderlyingType(typeof(T)) is Type inner ? Make(nameof(WriterForNullable), inner)
            : typeof(T).IsEnum ? Make(nameof(WriterForEnum), typeof(T))
            : (Utf8JsonWriter json, T value) => WriteText(json, value?.ToString());
        return (Action<Utf8JsonWriter, T>)known;
    }

    /// <summary>
    /// Writes text with nothing lost. A byte that was no UTF-8 stands in the text as a lone surrogate U+DC80 to
    /// U+DCFF (KernelText), which has no UTF-8 of its own: JSON's escape <c>\udc80</c> can carry it. PowerShell,
    /// Python and JavaScript read it back as that very character, and Python's os.fsencode makes the byte of it.
    /// </summary>
    public static void WriteText(Utf8JsonWriter json, string? text)
    {
        if (text is null || !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            json.WriteStringValue(text);
            return;
        }

        StringBuilder raw = new("\"", text.Length + 32);
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                raw.Append(Encoder.Encode(text[start..i])).Append($"\\u{(int)text[i]:x4}");
                start = i + 1;
            }
        }

        raw.Append(Encoder.Encode(text[start..])).Append('"');
        json.WriteRawValue(raw.ToString(), skipInputValidation: true);
    }

    private static Delegate Make(string method, Type type) =>
        (Delegate)typeof(JsonValue).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null)!;

    private static Action<Utf8JsonWriter, T> WriterForEnum<T>()
        where T : struct, Enum => new EnumTexts<T>().Write;

    private static Action<Utf8JsonWriter, T?> WriterForNullable<T>()
        where T : struct
    {
        Action<Utf8JsonWriter, T> write = WriterFor<T>();
        return (json, value) =>
        {
            if (value is T known)
            {
                write(json, known);
            }
            else
            {
                json.WriteNullValue();
            }
        };
    }

    private static void WriteTexts(Utf8JsonWriter json, string[]? texts)
    {
        json.WriteStartArray();
        foreach (string text in texts ?? [])
        {
            WriteText(json, text);
        }

        json.WriteEndArray();
    }

    private static void WriteTimeSpan(Utf8JsonWriter json, TimeSpan value)
    {
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out int length);
        json.WriteStringValue(text[..length]);
    }

    /// <summary>The texts of an enum's values, each made once: a set of flags is dear to name.</summary>
    private sealed class EnumTexts<T>
        where T : struct, Enum
    {
        /// <summary>Any process may open with any flags, so the texts that are kept must have a limit.</summary>
        private const int Most = 1024;

        private readonly Dictionary<T, JsonEncodedText> _texts = [];

        public void Write(Utf8JsonWriter json, T value)
        {
            if (!_texts.TryGetValue(value, out JsonEncodedText text))
            {
                text = JsonEncodedText.Encode(value.ToString());
                if (_texts.Count < Most)
                {
                    _texts.Add(value, text);
                }
            }

            json.WriteStringValue(text);
        }
    }
}
