namespace EbpfPs.Bpf;

/// <summary>An entry of debug information: a type, a member, a function, a variable.</summary>
internal sealed class DwarfEntry(int tag, DwarfEntry? parent)
{
    /// <summary>DW_TAG_*.</summary>
    public int Tag { get; } = tag;

    /// <summary>The entry that it is a part of.</summary>
    public DwarfEntry? Parent { get; } = parent;

    /// <summary>The entries that are parts of it.</summary>
    public List<DwarfEntry> Children { get; } = [];

    public string Name { get; set; } = "";

    /// <summary>Where its type stands; 0 for <c>void</c>.</summary>
    public int Type { get; set; }

    /// <summary>The attributes that are numbers, by DW_AT_*.</summary>
    public Dictionary<int, long> Numbers { get; } = [];
}

/// <summary>
/// The entries of DWARF 4 and 5 (https://dwarfstd.org) as far as types and variables need them. A compiler leaves a type
/// that only local variables have out of BTF; here it is.
/// </summary>
internal sealed class DwarfEntries
{
    /// <summary>More entries than an eBPF object has; bounds the memory that a hostile file can take.</summary>
    private const int MostEntries = 500_000;

    private const int Deepest = 64;
    private const int NameAttribute = 0x03;
    private const int TypeAttribute = 0x49;
    private const int StringOffsetsBase = 0x72;
    private const int ImplicitConstant = 0x21;

    private readonly ReadOnlyMemory<byte> _info;
    private readonly ReadOnlyMemory<byte> _abbreviations;
    private readonly ReadOnlyMemory<byte> _strings;
    private readonly ReadOnlyMemory<byte> _lineStrings;
    private readonly ReadOnlyMemory<byte> _stringOffsets;
    private readonly Dictionary<int, DwarfEntry> _entries = [];

    private DwarfEntries(ElfFile file)
    {
        // Relocations of these sections only add the address of a section, which is 0 in a relocatable file.
        _info = file.Find(".debug_info");
        _abbreviations = file.Find(".debug_abbrev");
        _strings = file.Find(".debug_str");
        _lineStrings = file.Find(".debug_line_str");
        _stringOffsets = file.Find(".debug_str_offsets");
    }

    private sealed record Abbreviation(int Tag, bool HasChildren, IReadOnlyList<(int Attribute, int Form, long Constant)> Attributes);

    /// <summary>All entries, by where they stand.</summary>
    public IReadOnlyDictionary<int, DwarfEntry> All => _entries;

    /// <summary>Reads a file's debug information.</summary>
    /// <exception cref="EbpfException">It is damaged, or of a kind that isn't known.</exception>
    public static DwarfEntries Read(ElfFile file)
    {
        DwarfEntries entries = new(file);
        DwarfReader reader = new(entries._info.Span, 0);
        while (!reader.IsAtEnd)
        {
            uint length = reader.UInt32();
            int start = reader.Position;
            reader.Skip(length);
            entries.ReadUnit(start, reader.Position);
        }

        return entries;
    }

    private static EbpfException Unknown(string what) => new(EbpfErrorId.InvalidObject, $"The debug information has {what} that is not known.");

    private void ReadUnit(int start, int end)
    {
        int unit = start - sizeof(uint);
        DwarfReader reader = new(_info.Span[..end], start);
        int version = reader.UInt16();
        if (version is not (4 or 5))
        {
            throw Unknown($"a version ({version})");
        }

        int kind = version == 5 ? reader.Byte() : 1;
        int addressSize = version == 5 ? reader.Byte() : 8;
        Dictionary<ulong, Abbreviation> abbreviations = ReadAbbreviations((int)Math.Min(reader.UInt32(), int.MaxValue));
        if (version == 4)
        {
            addressSize = reader.Byte();
        }

        if (kind != 1)
        {
            return;
        }

        // Before the first entry has said where its strings are, they follow their section's header.
        Unit values = new(this, unit, addressSize) { StringBase = 8 };
        DwarfEntry? parent = null;
        int depth = 0;
        while (!reader.IsAtEnd)
        {
            int at = reader.Position;
            ulong code = reader.Unsigned();
            if (code == 0)
            {
                parent = parent?.Parent;
                depth = Math.Max(0, depth - 1);
                continue;
            }

            if (!abbreviations.TryGetValue(code, out Abbreviation? shape) || _entries.Count == MostEntries || depth == Deepest)
            {
                throw Unknown("an entry");
            }

            DwarfEntry entry = new(shape.Tag, parent);
            foreach ((int attribute, int form, long constant) in shape.Attributes)
            {
                values.Set(ref reader, entry, attribute, form, constant);
            }

            _entries[at] = entry;
            parent?.Children.Add(entry);
            if (shape.HasChildren)
            {
                parent = entry;
                depth++;
            }
        }
    }

    private Dictionary<ulong, Abbreviation> ReadAbbreviations(int offset)
    {
        Dictionary<ulong, Abbreviation> shapes = [];
        DwarfReader reader = new(_abbreviations.Span, offset);
        for (ulong code = reader.Unsigned(); code != 0; code = reader.Unsigned())
        {
            int tag = (int)reader.Unsigned();
            bool children = reader.Byte() != 0;
            List<(int, int, long)> attributes = [];
            while (true)
            {
                int attribute = (int)reader.Unsigned();
                int form = (int)reader.Unsigned();
                long constant = form == ImplicitConstant ? reader.Signed() : 0;
                if (attribute == 0 && form == 0)
                {
                    break;
                }

                attributes.Add((attribute, form, constant));
            }

            shapes[code] = new Abbreviation(tag, children, attributes);
        }

        return shapes;
    }

    /// <summary>Reads the attributes of a unit's entries.</summary>
    private sealed class Unit(DwarfEntries owner, int start, int addressSize)
    {
        public int StringBase { get; set; }

        /// <summary>Reads an attribute; keeps it in the entry if it is one that is needed.</summary>
        public void Set(ref DwarfReader reader, DwarfEntry entry, int attribute, int form, long constant)
        {
            switch (form)
            {
                case 0x0e or 0x1f or 0x1a or 0x25 or 0x26 or 0x27 or 0x28 or 0x08:
                    string text = Text(ref reader, form);
                    entry.Name = attribute == NameAttribute ? text : entry.Name;
                    break;
                case 0x11 or 0x12 or 0x13 or 0x14 or 0x15 or 0x10:
                    ulong reference = form == 0x15 ? reader.Unsigned() : reader.Number(form switch { 0x11 => 1, 0x12 => 2, 0x14 => 8, _ => 4 });
                    entry.Type = attribute == TypeAttribute ? (int)Math.Min(reference + (form == 0x10 ? 0 : (ulong)start), int.MaxValue) : entry.Type;
                    break;
                default:
                    if (Number(ref reader, form, constant) is long number)
                    {
                        entry.Numbers[attribute] = number;
                        StringBase = attribute == StringOffsetsBase ? (int)number : StringBase;
                    }

                    break;
            }
        }

        private string Text(ref DwarfReader reader, int form)
        {
            switch (form)
            {
                case 0x08:
                    return reader.Text();
                case 0x0e:
                    return At(owner._strings, reader.UInt32());
                case 0x1f:
                    return At(owner._lineStrings, reader.UInt32());
                default:
                    ulong index = form == 0x1a ? reader.Unsigned() : reader.Number(form - 0x24);
                    DwarfReader offsets = new(owner._stringOffsets.Span, 0);
                    offsets.Skip((ulong)StringBase + Math.Min(index * 4, int.MaxValue));
                    return At(owner._strings, offsets.UInt32());
            }
        }

        private static string At(ReadOnlyMemory<byte> table, uint offset) => ElfFile.Text(table.Span, (int)Math.Min(offset, int.MaxValue)) ?? throw Unknown("a name");

        /// <summary>A number; null for what is none.</summary>
        private long? Number(ref DwarfReader reader, int form, long constant)
        {
            switch (form)
            {
                case 0x01:
                    reader.Skip((ulong)addressSize);
                    return null;
                case 0x0b or 0x0c:
                    return reader.Byte();
                case 0x05:
                    return reader.UInt16();
                case 0x06 or 0x17:
                    return reader.UInt32();
                case 0x07:
                    return (long)reader.UInt64();
                case 0x0d:
                    return reader.Signed();
                case 0x0f or 0x1b or 0x22 or 0x23:
                    return (long)reader.Unsigned();
                case 0x29 or 0x2a or 0x2b or 0x2c:
                    return (long)reader.Number(form - 0x28);
                case 0x19:
                    return 1;
                case ImplicitConstant:
                    return constant;
                case 0x1e:
                    reader.Skip(16);
                    return null;
                case 0x20:
                    reader.Skip(8);
                    return null;
                case 0x0a:
                    reader.Skip(reader.Byte());
                    return null;
                case 0x03:
                    reader.Skip(reader.UInt16());
                    return null;
                case 0x04:
                    reader.Skip(reader.UInt32());
                    return null;
                case 0x09 or 0x18:
                    reader.Skip(reader.Unsigned());
                    return null;
                default:
                    throw Unknown($"a form ({form})");
            }
        }
    }
}
