using System.Buffers.Binary;
using System.Text;

namespace EbpfPs.Bpf;

/// <summary>
/// Which line of C each instruction of an object comes from: the line information in the ELF section
/// <c>.BTF.ext</c> (Documentation/bpf/btf.rst). Kernels before 6.10 print a line's text in the verifier's log, but not
/// its number. An object that can't be read has no lines: what is wrong with it is for libbpf to say.
/// </summary>
internal sealed class LineTable
{
    private const int SymbolSize = 24;
    private const int SymbolTableType = 2;
    private const int FunctionType = 2;
    private const int InstructionSize = 8;

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, (string Section, ulong Start, ulong Size)> _functions = new(StringComparer.Ordinal);

    private LineTable()
    {
    }

    /// <summary>Reads the lines of an object.</summary>
    /// <param name="image">The ELF file's bytes.</param>
    public static LineTable Read(ReadOnlySpan<byte> image)
    {
        LineTable table = new();
        try
        {
            Dictionary<string, int> sections = [];
            List<string> names = SectionNames(image);
            for (int i = 0; i < names.Count; i++)
            {
                sections[names[i]] = i;
                if (Int(image, Header(image, i) + 4) == SymbolTableType)
                {
                    table.ReadFunctions(image, i, names);
                }
            }

            if (sections.TryGetValue(".BTF", out int types) && sections.TryGetValue(".BTF.ext", out int lines))
            {
                ReadOnlySpan<byte> btf = Contents(image, types);
                table.ReadLines(Contents(image, lines), btf[(Int(btf, 4) + Int(btf, 16))..]);
            }
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            return new LineTable();
        }

        return table;
    }

    /// <summary>The line that an instruction comes from.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="instruction">The instruction's number in the verifier's log.</param>
    /// <returns>Null where it is not in the program's own function, since libbpf puts called ones behind it.</returns>
    public SourceLine? Find(string program, int instruction)
    {
        if (!_functions.TryGetValue(program, out (string Section, ulong Start, ulong Size) function))
        {
            return null;
        }

        // What the compiler gives no line (0) prepares what follows.
        ulong offset = (ulong)instruction * InstructionSize;
        Entry[] own = _entries
            .Where(entry => entry.Section == function.Section && entry.Offset >= function.Start && entry.Offset < function.Start + function.Size)
            .OrderBy(entry => entry.Offset)
            .ToArray();
        int at = Array.FindLastIndex(own, entry => entry.Offset <= function.Start + offset);
        return offset >= function.Size || at < 0 ? null : own.Skip(at).FirstOrDefault(entry => entry.Line is not null)?.Line;
    }

    /// <summary>The line with a text, if there is but one.</summary>
    public SourceLine? FindText(string text)
    {
        SourceLine?[] found = _entries.Select(entry => entry.Line).Where(line => line?.Text == text).Distinct().Take(2).ToArray();
        return found.Length == 1 ? found[0] : null;
    }

    private static List<string> SectionNames(ReadOnlySpan<byte> image)
    {
        int count = Short(image, 60);
        ReadOnlySpan<byte> names = Contents(image, Short(image, 62));
        List<string> found = [];
        for (int i = 0; i < count; i++)
        {
            found.Add(Text(names, Int(image, Header(image, i))));
        }

        return found;
    }

    private static int Header(ReadOnlySpan<byte> image, int section) => checked(Long(image, 40) + (section * Short(image, 58)));

    private static ReadOnlySpan<byte> Contents(ReadOnlySpan<byte> image, int section)
    {
        int header = Header(image, section);
        return image.Slice(Long(image, header + 24), Long(image, header + 32));
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static int Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    /// <summary>A 64-bit number that must be an offset or a length in the image.</summary>
    private static int Long(ReadOnlySpan<byte> bytes, int at)
    {
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
        return value <= int.MaxValue / 2 ? (int)value : throw new ArgumentOutOfRangeException(nameof(at));
    }

    private static string Text(ReadOnlySpan<byte> strings, int offset)
    {
        ReadOnlySpan<byte> rest = strings[offset..];
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private void ReadFunctions(ReadOnlySpan<byte> image, int table, List<string> sections)
    {
        ReadOnlySpan<byte> symbols = Contents(image, table);
        ReadOnlySpan<byte> strings = Contents(image, Int(image, Header(image, table) + 40));
        for (int at = 0; at + SymbolSize <= symbols.Length; at += SymbolSize)
        {
            int section = Short(symbols, at + 6);
            if ((symbols[at + 4] & 0xf) == FunctionType && section < sections.Count)
            {
                _functions[Text(strings, Int(symbols, at))] =
                    (sections[section], (ulong)Long(symbols, at + 8), (ulong)Long(symbols, at + 16));
            }
        }
    }

    private void ReadLines(ReadOnlySpan<byte> extension, ReadOnlySpan<byte> strings)
    {
        ReadOnlySpan<byte> lines = extension.Slice(Int(extension, 4) + Int(extension, 16), Int(extension, 20));
        int size = Int(lines, 0);
        int at = 4;
        while (at < lines.Length)
        {
            string section = Text(strings, Int(lines, at));
            int count = Int(lines, at + 4);
            at += 8;
            for (int i = 0; i < count; i++, at += Math.Max(size, 16))
            {
                // The line's number is above the ten bits of the column.
                int number = (int)((uint)Int(lines, at + 12) >> 10);
                string text = Text(strings, Int(lines, at + 8)).Trim();
                string file = Path.GetFileName(Text(strings, Int(lines, at + 4)));
                bool known = number > 0 && text.Length > 0;
                _entries.Add(new Entry(section, (uint)Int(lines, at), known ? new SourceLine(file, number, text) : null));
            }
        }
    }

    private sealed record Entry(string Section, ulong Offset, SourceLine? Line);
}
