using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// A C struct as a .NET type with one property for each member, and the code that makes objects of it from bytes. Equal
/// definitions of the same name give the same type. Members become
/// <list type="bullet">
/// <item>integers and <c>_Bool</c> the .NET type of that size, of 16 bytes a <see cref="System.Numerics.BigInteger"/>;
/// bit-fields the type that they were declared with; pointers <see cref="ulong"/>;</item>
/// <item>enumerations a .NET enumeration, of flags where their values are single bits;</item>
/// <item>arrays of <c>char</c> text up to the NUL, other arrays typed arrays; a flexible array goes on to the record's end,
/// and any other at the struct's end is as long as what the record has of it;</item>
/// <item>members of nested structs and unions properties of their own, <c>outer.inner</c>; those of anonymous ones without
/// a prefix. Elements of an array of structs are objects of such a type again.</item>
/// </list>
/// </summary>
internal sealed class RecordShape
{
    private const int MostMembers = 10_000;

    private static readonly ConcurrentDictionary<string, RecordShape> _known = new(StringComparer.Ordinal);

    private RecordShape(Type type, int size, RecordDecoder decoder)
    {
        RecordType = type;
        Size = size;
        Decode = decoder;
    }

    /// <summary>The .NET type; it derives from <see cref="ObjectRecord"/>.</summary>
    public Type RecordType { get; }

    /// <summary>The fewest bytes of a record: the struct's, or those before the array at its end.</summary>
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
        int left = MostMembers;
        string key = $"{space}.{type.Text} {type.Size}: {Describe(fields, type, ref left)}";
        return _known.GetOrAdd(key, _ =>
        {
            (Type record, RecordDecoder decoder) = RecordCompiler.Compile(TypeName(space, type.Text), fields);
            int size = fields.Any(field => field.IsOpen) ? fields.Max(field => field.LeastEnd) : type.Size;
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

    /// <summary>What makes two definitions the same.</summary>
    /// <param name="fields">The members.</param>
    /// <param name="type">The struct that has them.</param>
    /// <param name="left">How many more members may come: arrays of structs with arrays of structs grow fast.</param>
    private static string Describe(IReadOnlyList<RecordField> fields, BtfStruct type, ref int left)
    {
        left -= fields.Count;
        if (left < 0)
        {
            throw new EbpfException(EbpfErrorId.InvalidObject, $"{type.Text} and the arrays in it have more than {MostMembers} members.", target: type.Text);
        }

        StringBuilder text = new();
        foreach (RecordField field in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"{field.Name}@{field.BitOffset}/{field.Bits}{(field.IsOpen ? "+" : "")} {field.Meaning} ");
            text.Append(Describe(field.Type, ref left)).Append(", ");
        }

        return text.ToString();
    }

    private static string Describe(BtfType type, ref int left) => type switch
    {
        BtfEnum names => $"{type.Text}/{type.Size}{(names.IsSigned ? "-" : "")}{{{string.Join(',', names.Names.Select(pair => $"{pair.Key}={pair.Value}"))}}}",
        BtfArray array => $"[{array.Length}]{Describe(array.Element, ref left)}",
        BtfStruct members => $"{type.Text}/{type.Size}{{{Describe(RecordField.Flatten(members), members, ref left)}}}",
        BtfInteger number => $"{type.Text}/{type.Size}{(number.IsSigned ? "-" : "")}{(number.IsBool ? "b" : "")}{(number.IsChar ? "c" : "")}@{number.BitOffset}/{number.Bits}",
        _ => $"{type.GetType().Name} {type.Text}/{type.Size}",
    };
}
