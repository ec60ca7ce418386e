using System.Globalization;
using System.Text;

namespace EbpfPs.Bpf;

/// <content>Types as C writes them, with qualifiers, pointers to functions and bit-fields; padding is left out.</content>
public sealed partial class Btf
{
    /// <summary>Bytes of a type; 0 for those without values.</summary>
    /// <exception cref="EbpfException">It holds itself, or refers to what is not there.</exception>
    public int SizeOf(int id) => SizeOf(id, Deepest);

    /// <summary>A type's definition: a struct with its members, an enumeration with its values, a function with its parameters.</summary>
    /// <param name="id">Its number.</param>
    /// <exception cref="EbpfException">It holds itself, or refers to what is not there.</exception>
    public string Define(int id) => KindOfType(id) switch
    {
        BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 => Body(id, "", Deepest) + ";",
        BtfKind.Typedef => $"typedef {Declare(Target(id), NameOf(id))};",
        BtfKind.Function or BtfKind.Variable => Declare(Target(id), NameOf(id)) + ";",
        BtfKind.Section => throw BadType(id, "is a section and no type"),
        _ => Declare(id, "") + ";",
    };

    /// <summary>Something of a type, as it is declared: <c>int (*done)(struct file *)</c>.</summary>
    /// <param name="id">The type's number.</param>
    /// <param name="name">The name; empty for the type alone.</param>
    /// <exception cref="EbpfException">It holds itself, or refers to what is not there.</exception>
    public string Declare(int id, string name) => Declare(id, name, "", Deepest);

    /// <summary>The type behind names and qualifiers.</summary>
    internal int Resolved(int id)
    {
        for (int depth = 0; depth < Deepest; depth++)
        {
            if (KindOfType(id) is not (BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable))
            {
                return id;
            }

            id = Target(id);
        }

        throw BadType(id, "is nested too deeply");
    }

    /// <summary>Members of a struct or union, the variables of a section, or the parameters of a function: name, bits from the start, bits of a bit-field, type.</summary>
    internal List<(string Name, int BitOffset, int Bits, int Type)> MembersOf(int id)
    {
        int at = _offsets[Checked(id)];
        bool bitFields = (Int(at + 4) >>> 31) != 0;
        List<(string, int, int, int)> members = [];
        switch (KindOfType(id))
        {
            case BtfKind.Function:
                return MembersOf(Target(id));
            case BtfKind.Struct or BtfKind.Union:
                for (int i = 0, member = at + TypeSize; i < Length(at); i++, member += 12)
                {
                    int offset = Int(member + 8);
                    members.Add((Text(Int(member)), bitFields ? offset & 0xffffff : offset, bitFields ? offset >>> 24 : 0, Int(member + 4)));
                }

                break;
            case BtfKind.Section:
                for (int i = 0, variable = at + TypeSize; i < Length(at); i++, variable += 12)
                {
                    members.Add((NameOf(Int(variable)), Int(variable + 4) * 8, 0, Target(Int(variable))));
                }

                break;
            case BtfKind.FunctionPrototype:
                for (int i = 0, parameter = at + TypeSize; i < Length(at); i++, parameter += 8)
                {
                    members.Add((Text(Int(parameter)), 0, 0, Int(parameter + 4)));
                }

                break;
        }

        return members;
    }

    /// <summary>Names and values of an enumeration, in its order.</summary>
    internal List<(string Name, long Value)> ValuesOf(int id)
    {
        int at = _offsets[Checked(id)];
        bool wide = KindOfType(id) == BtfKind.Enum64;
        bool signed = (Int(at + 4) >>> 31) != 0;
        List<(string, long)> values = [];
        for (int i = 0, value = at + TypeSize; i < Length(at); i++, value += wide ? 12 : 8)
        {
            long number = wide
                ? (uint)Int(value + 4) | ((long)Int(value + 8) << 32)
                : signed ? Int(value + 4) : (uint)Int(value + 4);
            values.Add((Text(Int(value)), number));
        }

        return values;
    }

    /// <summary>What a type is made of or a function returns.</summary>
    internal int Target(int id) => Int(_offsets[Checked(id)] + 8);

    private int Checked(int id) => (uint)id < (uint)_offsets.Count ? id : throw BadType(id, "doesn't exist");

    private int SizeOf(int id, int depth)
    {
        if (depth == 0)
        {
            throw BadType(id, "is nested too deeply, or holds itself");
        }

        int at = _offsets[Checked(id)];
        return KindOfType(id) switch
        {
            BtfKind.Void or BtfKind.Forward or BtfKind.Function or BtfKind.FunctionPrototype or BtfKind.DeclarationTag => 0,
            BtfKind.Pointer => 8,
            BtfKind.Array => ArrayOf(id, new BtfOpaque("") { Size = SizeOf(Int(at + TypeSize), depth - 1) }, Int(at + TypeSize + 8)).Size,
            BtfKind.Int or BtfKind.Float or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Section => Int(at + 8),
            _ => SizeOf(Target(id), depth - 1),
        };
    }

    /// <param name="id">The type.</param>
    /// <param name="name">The declarator so far.</param>
    /// <param name="indent">What lines of an anonymous struct begin with.</param>
    /// <param name="depth">How much deeper types may lie.</param>
    private string Declare(int id, string name, string indent, int depth)
    {
        if (depth == 0)
        {
            throw BadType(id, "is nested too deeply");
        }

        int at = _offsets[Checked(id)];
        switch (KindOfType(id))
        {
            case BtfKind.Pointer:
                bool grouped = KindOfType(Unqualified(Target(id))) is BtfKind.Array or BtfKind.FunctionPrototype;
                return Declare(Target(id), grouped ? $"(*{name})" : "*" + name, indent, depth - 1);
            case BtfKind.Array:
                return Declare(Int(at + TypeSize), string.Create(CultureInfo.InvariantCulture, $"{name}[{Int(at + TypeSize + 8)}]"), indent, depth - 1);
            case BtfKind.FunctionPrototype:
                return Declare(Target(id), $"{name}({Parameters(id, depth)})", indent, depth - 1);
            case BtfKind.Const:
                return Qualified(id, "const", name, indent, depth);
            case BtfKind.Volatile:
                return Qualified(id, "volatile", name, indent, depth);
            case BtfKind.Restrict:
                return Qualified(id, "restrict", name, indent, depth);
            case BtfKind.TypeTag:
                return Declare(Target(id), name, indent, depth - 1);
            case BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 when NameOf(id).Length == 0:
                return Join(Body(id, indent, depth), name);
            default:
                return Join(id == 0 ? "void" : TextOf(id, depth), name);
        }
    }

    /// <summary>A qualifier of a pointer stands behind its star; that of an array is its elements', which may have it already.</summary>
    private string Qualified(int id, string word, string name, string indent, int depth)
    {
        if (KindOfType(Unqualified(Target(id))) == BtfKind.Pointer)
        {
            return Declare(Target(id), name.Length > 0 ? $" {word} {name}" : $" {word}", indent, depth - 1);
        }

        string declared = Declare(Target(id), name, indent, depth - 1);
        return declared.StartsWith(word + " ", StringComparison.Ordinal) ? declared : $"{word} {declared}";
    }

    private int Unqualified(int id)
    {
        for (int depth = 0; depth < Deepest && KindOfType(Checked(id)) is BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag; depth++)
        {
            id = Target(id);
        }

        return id;
    }

    private string Parameters(int prototype, int depth)
    {
        List<(string Name, int BitOffset, int Bits, int Type)> all = MembersOf(prototype);
        return all.Count == 0 ? "void" : string.Join(", ", all.Select(one => one.Type == 0 ? "..." : Declare(one.Type, one.Name, "", depth - 1)));
    }

    private string Body(int id, string indent, int depth)
    {
        if (depth == 0)
        {
            throw BadType(id, "is nested too deeply, or holds itself");
        }

        BtfKind kind = KindOfType(id);
        bool isEnum = kind is BtfKind.Enum or BtfKind.Enum64;
        StringBuilder text = new(TagText(isEnum ? "enum" : kind == BtfKind.Struct ? "struct" : "union", id));
        text.Append(" {\n");
        foreach ((string name, long value) in isEnum ? ValuesOf(id) : [])
        {
            text.Append(CultureInfo.InvariantCulture, $"{indent}\t{name} = {Literal(id, value)},\n");
        }

        foreach ((string name, _, int bits, int type) in isEnum ? [] : MembersOf(id))
        {
            string width = bits > 0 ? string.Create(CultureInfo.InvariantCulture, $": {bits}") : "";
            text.Append(CultureInfo.InvariantCulture, $"{indent}\t{Declare(type, name, indent + "\t", depth - 1)}{width};\n");
        }

        return text.Append(indent).Append('}').ToString();
    }

    private string Literal(int enumeration, long value)
    {
        if (KindOfType(enumeration) != BtfKind.Enum64)
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        bool signed = (Int(_offsets[enumeration] + 4) >>> 31) != 0;
        return signed ? value.ToString(CultureInfo.InvariantCulture) + "LL" : ((ulong)value).ToString(CultureInfo.InvariantCulture) + "ULL";
    }

    private static string Join(string type, string name) =>
        name.Length == 0 ? type : name[0] is '[' or '(' && !name.StartsWith("(*", StringComparison.Ordinal) ? type + name : $"{type} {name}";
}
