using System.Collections.Concurrent;
using System.Reflection;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// A C struct as a .NET type with one property for each member, and the code that makes objects of it from bytes. Equal
/// definitions of the same name give the same type. Members become
/// <list type="bullet">
/// <item>integers and <c>_Bool</c> the .NET type of that size, of 16 bytes a <see cref="System.Numerics.BigInteger"/>;
/// bit-fields the type that they were declared with; pointers <see cref="ulong"/>;</item>
/// <item>enumerations a .NET enumeration, of flags where their values are single bits;</item>
/// <item>arrays of <c>char</c> text up to the NUL, other arrays typed arrays; a flexible array goes on to the record's end;</item>
/// <item>members of nested structs and unions properties of their own, <c>outer.inner</c>; those of anonymous ones without
/// a prefix. Elements of an array of structs are objects of such a type again.</item>
/// </list>
/// </summary>
internal sealed class RecordShape
{
    private static readonly ConcurrentDictionary<string, RecordShape> _known = new(StringComparer.Ordinal);

    private RecordShape(Type type, int size, RecordDecoder decoder)
    {
        RecordType = type;
        Size = size;
        Decode = decoder;
    }

    /// <summary>The .NET type; it derives from <see cref="ObjectRecord"/>.</summary>
    public Type RecordType { get; }

    /// <summary>The fewest bytes of a record: the struct's, or those before its flexible array.</summary>
    public int Size { get; }

    /// <summary>Makes an object.</summary>
    public RecordDecoder Decode { get; }

    /// <summary>Makes the shape of a struct.</summary>
    /// <param name="type">The struct.</param>
    /// <param name="space">What goes before the struct's name in the type's name: the object's name.</param>
    /// <param name="meanings">What fields stand for, by their names.</param>
    /// <exception cref="EbpfException">The struct can't be shown, or a meaning doesn't go with its field.</exception>
    public static RecordShape Of(BtfStruct type, string space, IReadOnlyDictionary<string, FieldMeaning> meanings)
    {
        IReadOnlyList<RecordField> fields = FieldMeanings.Apply(RecordField.Flatten(type), type.Text, meanings);
        string key = $"{space}.{type.Text} {type.Size}: {Describe(fields)}";
        return _known.GetOrAdd(key, _ =>
        {
            (Type record, RecordDecoder decoder) = RecordCompiler.Compile(TypeName(space, type.Text), fields);
            int size = fields.FirstOrDefault(field => field.IsFlexible) is RecordField open ? open.BitOffset / 8 : type.Size;
            return new RecordShape(record, size, decoder);
        });
    }

    /// <summary>The members' properties, in the struct's order.</summary>
    internal static PropertyInfo[] PropertiesOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .OrderBy(property => property.MetadataToken)
        .ToArray();

    /// <summary>A name that .NET and PowerShell take for a type.</summary>
    private static string TypeName(string space, string text)
    {
        string name = text[(text.LastIndexOf(' ') + 1)..];
        return $"EbpfPs.Objects.{Clean(space)}.{Clean(name)}";
    }

    internal static string Clean(string name) => new(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_').DefaultIfEmpty('_').ToArray());

    private static string Describe(IEnumerable<RecordField> fields) =>
        string.Join(", ", fields.Select(field => $"{field.Name}@{field.BitOffset}/{field.Bits}{(field.IsFlexible ? "+" : "")} {field.Meaning} {Describe(field.Type)}"));

    private static string Describe(BtfType type) => type switch
    {
        BtfEnum names => $"{type.Text}/{type.Size}{{{string.Join(',', names.Names.Select(pair => $"{pair.Key}={pair.Value}"))}}}",
        BtfArray array => $"[{array.Length}]{Describe(array.Element)}",
        BtfStruct members => $"{type.Text}/{type.Size}{{{string.Join(',', members.Fields.Select(field => $"{field.Name}@{field.BitOffset}/{field.Bits} {Describe(field.Type)}"))}}}",
        _ => $"{type}/{type.Size}",
    };
}
