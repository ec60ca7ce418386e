using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

/// <summary>
/// The text of decoded records, held against the bytes that it was made from. Where these bytes stand is written here
/// from bpf/*.bpf.c, not taken from the structs that the decoders read with.
/// </summary>
internal static class RecordText
{
    /// <summary>
    /// What chance doesn't put together: escape sequences, C1 controls, marks of direction, separators, quotes, characters of
    /// two to four bytes, and what only looks like UTF-8: a surrogate, too long a form, a first byte alone.
    /// </summary>
    private static readonly byte[][] _pieces =
    [
        [0x1b, 0x5b, 0x33, 0x31, 0x6d], [0x0a], [0x0d], [0x07], [0x7f], [0xc2, 0x9b], [0xc2, 0x85], [0xd8, 0x9c],
        [0xe2, 0x80, 0x8e], [0xe2, 0x80, 0x8f], [0xe2, 0x80, 0xa8], [0xe2, 0x80, 0xa9], [0xe2, 0x80, 0xaa], [0xe2, 0x80, 0xae],
        [0xe2, 0x81, 0xa6], [0xe2, 0x81, 0xa9], [0x27], [0x5c], [0x20], [0x22], [0x61, 0x2f, 0x7a],
        [0xc3, 0xa4], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0xed, 0xb2, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0x80],
        [0xf4, 0x90, 0x80, 0x80], [0xe2], [0xf0, 0x9f], [0x80], [0xff], [0],
    ];

    /// <summary>A record that is one, with hostile text in each place that has any.</summary>
    public static byte[] Hostile(EventKind kind, byte[] other, Random random)
    {
        byte[] arguments = Text(random, 400), name = Text(random, 300);
        byte[] record = kind switch
        {
            EventKind.Open => Record.Open(name, -100, 3, 0, 0),
            EventKind.Exec => Record.Exec(name, arguments, 0, arguments.Length),
            _ => [.. other],
        };
        Text(random, 16, atLeast: 16).AsSpan(0, 16).CopyTo(record.AsSpan(56));
        if (kind == EventKind.Exec)
        {
            Text(random, 16, atLeast: 16).AsSpan(0, 16).CopyTo(record.AsSpan(80));
        }

        return record;
    }

    /// <summary>Fails where a text of an event does not give back the bytes of its record.</summary>
    public static void AssertLossless(EbpfEvent decoded, ReadOnlySpan<byte> record)
    {
        AssertText(nameof(decoded.ProcessName), decoded.ProcessName, record.Slice(56, 16));
        switch (decoded)
        {
            case OpenEvent open:
                AssertText(nameof(open.FileName), open.FileName, record.Slice(Record.OpenSize, (int)BinaryPrimitives.ReadInt64LittleEndian(record[104..])));
                break;
            case ExecEvent exec:
                int arguments = BinaryPrimitives.ReadInt32LittleEndian(record[104..]), name = BinaryPrimitives.ReadInt32LittleEndian(record[108..]);
                AssertText(nameof(exec.ParentProcessName), exec.ParentProcessName, record.Slice(80, 16));
                AssertText(nameof(exec.FileName), exec.FileName, record.Slice(Record.ExecSize, name));
                AssertArguments(exec, record.Slice(Record.ExecSize + name, arguments));
                break;
        }
    }

    /// <summary>Fails where a terminal would act on a text, or get half a character.</summary>
    /// <param name="what">What the text is.</param>
    /// <param name="text">The text as it is shown.</param>
    public static void AssertHarmless(string what, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isPaired = char.IsHighSurrogate(c) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]);
            bool acts = char.GetUnicodeCategory(c) switch
            {
                UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
                UnicodeCategory.Surrogate => !isPaired,
                // Those of Unicode's Bidi_Control.
                UnicodeCategory.Format => c is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'),
                _ => false,
            };
            if (acts)
            {
                Assert.Fail($"{what} is not harmless: U+{(int)c:X4}");
            }
        }
    }

    private static byte[] Text(Random random, int atMost, int atLeast = 0)
    {
        int length = random.Next(atLeast, atMost + 1);
        List<byte> text = new(length + 4);
        while (text.Count < length)
        {
            text.AddRange(_pieces[random.Next(_pieces.Length)]);
        }

        return [.. text];
    }

    private static void AssertText(string what, string text, ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        if (!bytes[..(end < 0 ? bytes.Length : end)].SequenceEqual(KernelText.ToBytes(text)))
        {
            Assert.Fail($"{what} is not lossless");
        }
    }

    /// <summary>Each argument with its NUL, in their order; of the last one the NUL may be cut off. The command line says the same.</summary>
    private static void AssertArguments(ExecEvent exec, ReadOnlySpan<byte> bytes)
    {
        List<byte> all = new(bytes.Length + 1);
        foreach (string argument in exec.ArgumentList)
        {
            all.AddRange(KernelText.ToBytes(argument));
            all.Add(0);
        }

        if (bytes.Length > 0 && bytes[^1] != 0)
        {
            all.RemoveAt(all.Count - 1);
        }

        Assert.True(bytes.SequenceEqual(all.ToArray()), "ArgumentList is not lossless");
        Assert.Equal(exec.ArgumentList, Words(exec.CommandLine));
    }

    /// <summary>The words of a line as a POSIX shell reads it that knows blanks, single quotes and backslashes.</summary>
    private static List<string> Words(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == ' ' && !quoted)
            {
                words.Add((word ?? new()).ToString());
                word = null;
                continue;
            }

            word ??= new();
            if (line[i] == '\'')
            {
                quoted = !quoted;
            }
            else
            {
                word.Append(line[i] == '\\' && !quoted ? line[++i] : line[i]);
            }
        }

        if (word is not null)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
