using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A member of a struct or union, a parameter of a function, or a variable of a section.</summary>
public sealed class TypeMember
{
    private readonly Btf _btf;
    private readonly int _type;
    private readonly int _depth;
    private readonly string _text;

    internal TypeMember(Btf btf, (string Name, int BitOffset, int Bits, int Type) member, int depth)
    {
        _btf = btf;
        _type = member.Type;
        _depth = depth;
        Name = member.Name;
        BitOffset = member.BitOffset;
        BitSize = member.Bits;
        Size = btf.SizeOf(member.Type);
        bool anonymous = btf.NameOfType(btf.Resolved(member.Type)).Length == 0 && btf.KindOfType(member.Type) is BtfKind.Struct or BtfKind.Union or BtfKind.Enum;
        _text = anonymous ? "" : btf.Declare(member.Type, member.Name);
        Type = anonymous ? btf.KindOfType(member.Type).ToString().ToLowerInvariant() : btf.Declare(member.Type, "");
    }

    /// <summary>Its name; empty for an anonymous struct or union.</summary>
    public string Name { get; }

    /// <summary>Its type as C writes it; an anonymous one only by its keyword.</summary>
    public string Type { get; }

    /// <summary>Bytes from the start of the struct; of a bit-field those before its first bit.</summary>
    public int Offset => BitOffset / 8;

    /// <summary>Bytes of its type.</summary>
    public int Size { get; }

    /// <summary>Bits from the start of the struct.</summary>
    public int BitOffset { get; }

    /// <summary>Bits of a bit-field; 0 for any other member.</summary>
    public int BitSize { get; }

    /// <summary>The members of a struct or union that lies inside; none for numbers, pointers and arrays.</summary>
    public ObjectList<TypeMember> Member => new(_depth == 0 ? [] : TypeDescription.MembersOf(_btf, _btf.Resolved(_type), _depth - 1));

    /// <summary>As it is declared: <c>struct file *file</c>.</summary>
    public override string ToString() => _text.Length > 0 ? _text : $"{Type} {Name}".TrimEnd();
}

/// <summary>A name of an enumeration and what it stands for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The number.</param>
public sealed record TypeValue(string Name, long Value)
{
    /// <summary>As C writes it.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}={Value}");
}

/// <summary>A C type of the kernel, a module or an object, as a tree of its members and as text.</summary>
public sealed class TypeDescription
{
    /// <summary>Structs are not nested deeper.</summary>
    private const int Deepest = 32;

    private readonly Btf _btf;

    internal TypeDescription(Btf btf, int id, string source)
    {
        _btf = btf;
        Id = id;
        Source = source;
        Name = btf.NameOfType(id);
        Kind = btf.KindOfType(id);
        Size = btf.SizeOf(id);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public BtfKind Kind { get; }

    /// <summary>Bytes; 0 for functions and types that are only declared.</summary>
    public int Size { get; }

    /// <summary>Where it is from: <c>vmlinux</c>, a module, a file.</summary>
    public string Source { get; }

    /// <summary>Its number there.</summary>
    public int Id { get; }

    /// <summary>Members of a struct or union, parameters of a function, variables of a section; of a name for a type those of the type.</summary>
    public ObjectList<TypeMember> Member => new(MembersOf(_btf, _btf.Resolved(Id), Deepest));

    /// <summary>Names and values of an enumeration.</summary>
    public ObjectList<TypeValue> Value => new(
        _btf.KindOfType(_btf.Resolved(Id)) is BtfKind.Enum or BtfKind.Enum64 ? _btf.ValuesOf(_btf.Resolved(Id)).Select(one => new TypeValue(one.Name, one.Value)) : []);

    /// <summary>What a function returns, as C writes it; empty for any other type.</summary>
    public string ReturnType => Kind == BtfKind.Function ? _btf.Declare(_btf.Target(_btf.Target(Id)), "") : "";

    /// <summary>The definition in C. Padding and attributes are left out; structs with names are named and not repeated.</summary>
    public string Definition => Kind == BtfKind.Section
        ? string.Join('\n', Member.Select(member => $"{member};"))
        : _btf.Define(Id);

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static IEnumerable<TypeMember> MembersOf(Btf btf, int id, int depth) =>
        btf.MembersOf(id).Select(member => new TypeMember(btf, member, depth));
}
