namespace EbpfPs.Bpf;

/// <summary>Structs of an object's debug information, as <see cref="BtfType"/>, and those that its programs' variables have.</summary>
internal sealed class DwarfTypes
{
    private const int Deepest = 32;
    private const int LargestSize = 1 << 30;
    private const int MostEmptyElements = 1024;
    private const int ByteSize = 0x0b;
    private const int BitOffset = 0x0c;
    private const int BitSize = 0x0d;
    private const int MemberLocation = 0x38;
    private const int DataBitOffset = 0x6b;
    private const int Encoding = 0x3e;
    private const int Count = 0x37;
    private const int UpperBound = 0x2f;
    private const int ConstantValue = 0x1c;

    private readonly DwarfEntries _entries;

    private readonly Dictionary<DwarfEntry, BtfType> _known = [];

    private DwarfTypes(DwarfEntries entries) => _entries = entries;

    private enum Tag
    {
        Array = 0x01, Enumeration = 0x04, FormalParameter = 0x05, LexicalBlock = 0x0b, Member = 0x0d, Pointer = 0x0f,
        Structure = 0x13, Typedef = 0x16, Union = 0x17, Inlined = 0x1d, Subrange = 0x21, Base = 0x24, Const = 0x26,
        Enumerator = 0x28, Subprogram = 0x2e, Variable = 0x34, Volatile = 0x35, Restrict = 0x37, Atomic = 0x47,
    }

    /// <summary>Reads a file's debug information.</summary>
    /// <returns>Null where it has none.</returns>
    /// <exception cref="EbpfException">It is damaged.</exception>
    public static DwarfTypes? Read(ElfFile file) => file.Find(".debug_info").Length == 0 ? null : new DwarfTypes(DwarfEntries.Read(file));

    /// <summary>Finds a struct, a union or a type definition of one by its name.</summary>
    /// <exception cref="EbpfException">The type can't be read.</exception>
    public BtfStruct? Find(string name)
    {
        string tag = name[(name.LastIndexOf(' ') + 1)..];
        return _entries.All.Values
            .Where(entry => (Tag)entry.Tag is Tag.Structure or Tag.Union or Tag.Typedef && entry.Name == tag && (entry.Children.Count > 0 || (Tag)entry.Tag == Tag.Typedef))
            .Select(entry => Resolve(entry, Deepest))
            .OfType<BtfStruct>()
            .FirstOrDefault();
    }

    /// <summary>The structs that variables inside of functions have, or point to.</summary>
    /// <exception cref="EbpfException">A type can't be read.</exception>
    public IReadOnlyList<BtfStruct> OfLocalVariables()
    {
        List<BtfStruct> found = [];
        foreach (DwarfEntry variable in _entries.All.Values.Where(entry => (Tag)entry.Tag == Tag.Variable && IsLocal(entry)))
        {
            if (Target(variable.Type) is { Name.Length: > 0 } type && found.TrueForAll(known => known.Text != $"struct {type.Name}") && TryResolve(type) is { Size: > 0 } usable)
            {
                found.Add(usable);
            }
        }

        return found;
    }

    /// <summary>A struct; null where it can't be read. Of a local variable that is no harm: it may be no record.</summary>
    private BtfStruct? TryResolve(DwarfEntry entry)
    {
        try
        {
            return Resolve(entry, Deepest) as BtfStruct;
        }
        catch (EbpfException)
        {
            return null;
        }
    }

    private static EbpfException Bad(string what) => new(EbpfErrorId.InvalidObject, $"The debug information can't be used: {what}.");

    private static bool IsLocal(DwarfEntry entry)
    {
        for (DwarfEntry? parent = entry.Parent; parent is not null; parent = parent.Parent)
        {
            if ((Tag)parent.Tag is Tag.Subprogram)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The struct behind type definitions, qualifiers and one pointer.</summary>
    private DwarfEntry? Target(int type)
    {
        bool pointed = false;
        for (int steps = 0; steps < Deepest && _entries.All.TryGetValue(type, out DwarfEntry? entry); steps++)
        {
            switch ((Tag)entry.Tag)
            {
                case Tag.Structure:
                    return entry.Children.Count > 0 ? entry : null;
                case Tag.Pointer when !pointed:
                    pointed = true;
                    type = entry.Type;
                    break;
                case Tag.Typedef or Tag.Const or Tag.Volatile or Tag.Restrict or Tag.Atomic:
                    type = entry.Type;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private BtfType Resolve(int offset, int depth) =>
        offset == 0 ? new BtfOpaque("void") : _entries.All.TryGetValue(offset, out DwarfEntry? entry) ? Resolve(entry, depth) : throw Bad("a type is missing");

    private BtfType Resolve(DwarfEntry entry, int depth)
    {
        if (depth == 0)
        {
            throw Bad("a type is nested too deeply, or holds itself");
        }

        // Each is read once: structs of structs would take ages else.
        if (!_known.TryGetValue(entry, out BtfType? known))
        {
            _known[entry] = known = Read(entry, depth);
        }

        return known;
    }

    private BtfType Read(DwarfEntry entry, int depth)
    {
        switch ((Tag)entry.Tag)
        {
            case Tag.Base:
                return Base(entry);
            case Tag.Pointer:
                return new BtfPointer(PointerText(entry.Type));
            case Tag.Structure or Tag.Union:
                return Struct(entry, depth);
            case Tag.Enumeration:
                return Enumeration(entry, depth);
            case Tag.Array:
                return Array(entry, depth);
            case Tag.Typedef:
                BtfType named = Resolve(entry.Type, depth - 1);
                return named is BtfArray ? named : named with { Text = entry.Name };
            case Tag.Const or Tag.Volatile or Tag.Restrict or Tag.Atomic:
                return Resolve(entry.Type, depth - 1);
            default:
                return new BtfOpaque(entry.Name);
        }
    }

    private static int Size(DwarfEntry entry, int largest) =>
        entry.Numbers.GetValueOrDefault(ByteSize) is >= 0 and long size && size <= largest ? (int)size : throw Bad($"{entry.Name} has {entry.Numbers[ByteSize]} bytes");

    private static BtfType Base(DwarfEntry entry)
    {
        int size = Size(entry, 16);
        long encoding = entry.Numbers.GetValueOrDefault(Encoding);
        return encoding == 4
            ? new BtfFloat(entry.Name, size)
            : new BtfInteger(entry.Name, size, encoding is 5 or 6, encoding == 2, entry.Name == "char", 0, size * 8);
    }

    private BtfStruct Struct(DwarfEntry entry, int depth)
    {
        int size = Size(entry, LargestSize);
        List<BtfField> fields = [];
        foreach (DwarfEntry member in entry.Children.Where(child => (Tag)child.Tag == Tag.Member))
        {
            BtfType type = Resolve(member.Type, depth - 1);
            int width = (int)Math.Clamp(member.Numbers.GetValueOrDefault(BitSize), 0, 128);
            long bit = BitOffsetOf(member, type, width);
            if (bit < 0 || ((bit + 7) / 8) + (width > 0 ? 0 : type.Size) > size || bit + width > size * 8L)
            {
                throw Bad($"{entry.Name} has a member '{member.Name}' beyond its end");
            }

            fields.Add(new BtfField(member.Name, (int)bit, width, type));
        }

        string keyword = (Tag)entry.Tag == Tag.Structure ? "struct" : "union";
        return new BtfStruct(entry.Name.Length > 0 ? $"{keyword} {entry.Name}" : keyword, size, fields);
    }

    /// <summary>Of a bit-field compilers up to clang 14 say how far it lies from the highest bit of the number that holds it.</summary>
    private static long BitOffsetOf(DwarfEntry member, BtfType type, int width)
    {
        if (member.Numbers.TryGetValue(DataBitOffset, out long bit))
        {
            return bit;
        }

        long start = member.Numbers.GetValueOrDefault(MemberLocation) * 8;
        return member.Numbers.TryGetValue(BitOffset, out long fromHighest)
            ? start + (member.Numbers.GetValueOrDefault(ByteSize, type.Size) * 8) - fromHighest - width
            : start;
    }

    private BtfEnum Enumeration(DwarfEntry entry, int depth)
    {
        Dictionary<long, string> names = [];
        foreach (DwarfEntry value in entry.Children.Where(child => (Tag)child.Tag == Tag.Enumerator))
        {
            names.TryAdd(value.Numbers.GetValueOrDefault(ConstantValue), value.Name);
        }

        bool signed = entry.Type != 0 && Resolve(entry.Type, depth - 1) is BtfInteger { IsSigned: true };
        return new BtfEnum(entry.Name.Length > 0 ? $"enum {entry.Name}" : "enum", Size(entry, 8), signed, names);
    }

    private BtfArray Array(DwarfEntry entry, int depth)
    {
        BtfType type = Resolve(entry.Type, depth - 1);
        foreach (DwarfEntry dimension in entry.Children.Where(child => (Tag)child.Tag == Tag.Subrange).Reverse())
        {
            long length = dimension.Numbers.TryGetValue(Count, out long count) ? count : dimension.Numbers.TryGetValue(UpperBound, out long last) ? last + 1 : 0;
            if (length < 0 || length > LargestSize || length * type.Size > LargestSize || (type.Size == 0 && length > MostEmptyElements))
            {
                throw Bad("an array is too large");
            }

            int bracket = type.Text.IndexOf('[', StringComparison.Ordinal);
            string text = bracket < 0 ? $"{type.Text}[{length}]" : $"{type.Text[..bracket]}[{length}]{type.Text[bracket..]}";
            type = new BtfArray(text, type, (int)length);
        }

        return type as BtfArray ?? throw Bad("an array has no length");
    }

    private string PointerText(int target)
    {
        string text = _entries.All.TryGetValue(target, out DwarfEntry? entry)
            ? (Tag)entry.Tag is Tag.Structure ? $"struct {entry.Name}" : entry.Name
            : "void";
        return text + " *";
    }
}
