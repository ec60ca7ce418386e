namespace EbpfPs.Bpf;

/// <content>Types as a whole: what a map's keys and values are made of.</content>
public sealed partial class Btf
{
    /// <summary>Deeper types are no honest ones: a struct can't hold itself.</summary>
    private const int Deepest = 32;

    /// <summary>Bounds what hostile type information can make of nested arrays.</summary>
    private const int LargestSize = 1 << 30;

    /// <summary>Elements of no size take no room in a record, so that nothing else bounds them.</summary>
    private const int MostEmptyElements = 1024;

    /// <summary>The kernel's smallest errno, and what an author gives a constant below zero.</summary>
    private const int LeastConstant = -4096;

    private const int SignedBit = 1;
    private const int CharBit = 2;
    private const int BoolBit = 4;

    /// <summary>Reads a type with all that it is made of.</summary>
    /// <param name="id">The type's number; 0 is <c>void</c>.</param>
    /// <exception cref="EbpfException">There is no such type, or it holds itself.</exception>
    public BtfType TypeOf(int id) => Resolve(id, Deepest, []);

    private static EbpfException BadType(int id, string reason) =>
        new(EbpfErrorId.InvalidObject, $"The type information can't be used: type {id} {reason}.", target: id);

    private static BtfArray ArrayOf(int id, BtfType element, int length)
    {
        if (length < 0 || (long)element.Size * length > LargestSize || (element.Size == 0 && length > MostEmptyElements))
        {
            throw BadType(id, "is too large");
        }

        return new BtfArray(ArrayText(element.Text, length), element, length);
    }

    private static string ArrayText(string element, int length)
    {
        // The outer dimension stands first: the element of int[2][3] is int[3].
        int bracket = element.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? $"{element}[{length}]" : $"{element[..bracket]}[{length}]{element[bracket..]}";
    }

    /// <param name="id">The type.</param>
    /// <param name="depth">How much deeper types may lie.</param>
    /// <param name="known">What was read before, each type once: structs of structs would take ages else. Null is under way.</param>
    private BtfType Resolve(int id, int depth, Dictionary<int, BtfType?> known)
    {
        if ((uint)id >= (uint)_offsets.Count)
        {
            throw BadType(id, "doesn't exist");
        }

        if (depth == 0 || (known.TryGetValue(id, out BtfType? found) && found is null))
        {
            throw BadType(id, "is nested too deeply, or holds itself");
        }

        if (found is null)
        {
            known[id] = null;
            found = id == 0 ? new BtfOpaque("void") : Read(id, depth, known);
            known[id] = found;
        }

        return found;
    }

    private BtfType Read(int id, int depth, Dictionary<int, BtfType?> known)
    {
        int at = _offsets[id];
        Kind kind = KindOf(id);
        switch (kind)
        {
            case Kind.Int:
                int encoding = Int(at + TypeSize);
                int flags = (encoding >> 24) & 0xf;
                string name = NameOf(id);
                (int first, int bits) = ((encoding >> 16) & 0xff, encoding & 0xff);
                if (first + bits > SizeAt(id, 16) * 8)
                {
                    throw BadType(id, "has bits beyond its end");
                }

                return new BtfInteger(
                    name,
                    SizeAt(id, 16),
                    (flags & SignedBit) != 0,
                    (flags & BoolBit) != 0,
                    (flags & CharBit) != 0 || name == "char",
                    first,
                    bits);
            case Kind.Float:
                return new BtfFloat(NameOf(id), SizeAt(id, 16));
            case Kind.Ptr:
                return new BtfPointer(PointerText(Int(at + 8), depth));
            case Kind.Array:
                return ArrayOf(id, Resolve(Int(at + TypeSize), depth - 1, known), Int(at + TypeSize + 8));
            case Kind.Struct when IsErasedFloat(id):
                return new BtfFloat(SizeAt(id, 16) == sizeof(float) ? "float" : "double", SizeAt(id, 16));
            case Kind.Struct or Kind.Union:
                return ReadStruct(id, kind == Kind.Struct ? "struct" : "union", depth, known);
            case Kind.Datasec:
                return ReadSection(id, depth, known);
            case Kind.Enum or Kind.Enum64:
                return ReadEnum(id, kind == Kind.Enum64);
            case Kind.Typedef:
                // A name for an array has no room for its length: it stays the array's own text.
                BtfType named = Resolve(Int(at + 8), depth - 1, known);
                return named is BtfArray ? named : named with { Text = NameOf(id) };
            case Kind.Var or Kind.Volatile or Kind.Const or Kind.Restrict or Kind.TypeTag:
                return Resolve(Int(at + 8), depth - 1, known);
            default:
                return new BtfOpaque(TextOf(id, depth));
        }
    }

    /// <summary>
    /// Whether a struct stands for a float: before Linux 5.13 the kernel knows none, and libbpf gives it a struct of that
    /// size without name or members (bpf_object__sanitize_btf).
    /// </summary>
    private bool IsErasedFloat(int id) =>
        Length(_offsets[id]) == 0 && NameOf(id).Length == 0 && Int(_offsets[id] + 8) is sizeof(float) or sizeof(double);

    private int SizeAt(int id, int largest)
    {
        int size = Int(_offsets[id] + 8);
        return size >= 0 && size <= largest ? size : throw BadType(id, $"has {size} bytes");
    }

    private BtfStruct ReadStruct(int id, string keyword, int depth, Dictionary<int, BtfType?> known)
    {
        int at = _offsets[id];
        int size = SizeAt(id, LargestSize);
        bool bitFields = (Int(at + 4) >>> 31) != 0;
        List<BtfField> fields = [];
        for (int i = 0; i < Length(at); i++)
        {
            int member = at + TypeSize + (i * 12);
            int offset = Int(member + 8);
            BtfType type = Resolve(Int(member + 4), depth - 1, known);
            (int bit, int bits) = bitFields ? (offset & 0xffffff, offset >>> 24) : (offset, 0);
            if (bit < 0 || (bit + bits + 7L) / 8 + (bits > 0 ? 0 : type.Size) > size)
            {
                throw BadType(id, $"has a member '{Text(Int(member))}' beyond its end");
            }

            fields.Add(new BtfField(Text(Int(member)), bit, bits, type));
        }

        return new BtfStruct(TagText(keyword, id), size, fields);
    }

    private BtfStruct ReadSection(int id, int depth, Dictionary<int, BtfType?> known)
    {
        int at = _offsets[id];
        int size = SizeAt(id, LargestSize);
        List<BtfField> fields = [];
        for (int i = 0; i < Length(at); i++)
        {
            int variable = at + TypeSize + (i * 12);
            int offset = Int(variable + 4);
            BtfType type = Resolve(Int(variable), depth - 1, known);
            if (offset < 0 || (long)offset + type.Size > size || offset > int.MaxValue / 8)
            {
                throw BadType(id, "has a variable beyond its end");
            }

            fields.Add(new BtfField(NameOf(Int(variable)), offset * 8, 0, type));
        }

        return new BtfStruct(NameOf(id), size, fields);
    }

    private BtfEnum ReadEnum(int id, bool wide)
    {
        int at = _offsets[id];

        // Compilers before LLVM 15 don't tell the sign: a small number below zero does; a high bit is one of flags.
        bool signed = (Int(at + 4) >>> 31) != 0
            || (!wide && Enumerable.Range(0, Length(at)).Any(i => Int(at + TypeSize + (i * 8) + 4) is < 0 and >= LeastConstant));
        Dictionary<long, string> names = [];
        for (int i = 0; i < Length(at); i++)
        {
            int value = at + TypeSize + (i * (wide ? 12 : 8));
            long number = wide
                ? (uint)Int(value + 4) | ((long)Int(value + 8) << 32)
                : signed ? Int(value + 4) : (uint)Int(value + 4);
            names.TryAdd(number, Text(Int(value)));
        }

        return new BtfEnum(TagText("enum", id), SizeAt(id, 8), signed, names);
    }

    /// <summary>What it points to is named and not followed: kernel types go on and on.</summary>
    private string PointerText(int target, int depth)
    {
        string text = TextOf(target, depth - 1);
        return text.EndsWith('*') ? text + "*" : text + " *";
    }

    private string TextOf(int id, int depth)
    {
        if (id == 0)
        {
            return "void";
        }

        if ((uint)id >= (uint)_offsets.Count || depth <= 0)
        {
            throw BadType(id, depth <= 0 ? "is nested too deeply" : "doesn't exist");
        }

        int next = Int(_offsets[id] + 8);
        return KindOf(id) switch
        {
            Kind.Ptr => PointerText(next, depth),
            Kind.Const => "const " + TextOf(next, depth - 1),
            Kind.Volatile or Kind.Restrict or Kind.TypeTag => TextOf(next, depth - 1),
            Kind.Struct => TagText("struct", id),
            Kind.Union => TagText("union", id),
            Kind.Enum or Kind.Enum64 => TagText("enum", id),

            // The flag tells which of the two was declared.
            Kind.Fwd => TagText((Int(_offsets[id] + 4) >>> 31) != 0 ? "union" : "struct", id),
            Kind.FuncProto => "function",
            Kind.Array => ArrayText(TextOf(Int(_offsets[id] + TypeSize), depth - 1), Int(_offsets[id] + TypeSize + 8)),
            _ => NameOf(id),
        };
    }

    private string TagText(string keyword, int id) => NameOf(id) is { Length: > 0 } name ? $"{keyword} {name}" : keyword;
}
