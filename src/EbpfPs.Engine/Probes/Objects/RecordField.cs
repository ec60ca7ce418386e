using System.Globalization;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A member of a record's struct that becomes a property; members of nested structs are such members too.</summary>
/// <param name="Name">Its name; with dots for what lies in nested structs: <c>from.port</c>.</param>
/// <param name="Type">Its C type.</param>
/// <param name="BitOffset">Bits from the record's start.</param>
/// <param name="Bits">Bits of a bit-field; 0 for any other member.</param>
/// <param name="IsOpen">
/// Whether it is an array at the struct's end, within which a record may end: a flexible one, or one of which only what is
/// filled was written.
/// </param>
/// <param name="Meaning">What its number stands for.</param>
internal sealed record RecordField(string Name, BtfType Type, int BitOffset, int Bits, bool IsOpen, FieldMeaning Meaning = FieldMeaning.Value)
{
    /// <summary>More members than any honest record has; bounds what hostile type information can make.</summary>
    private const int MostFields = 1000;

    /// <summary>Structs within structs that are looked at; those without members make no field.</summary>
    private const int MostStructs = 10_000;

    /// <summary>Members that PowerShell or .NET give every object; of that name a property could not be seen, or would hide them.</summary>
    private static readonly HashSet<string> _reserved = new(
        ["Equals", "GetHashCode", "GetType", "ToString", "PSAdapted", "PSBase", "PSExtended", "PSObject", "PSStandardMembers", "PSTypeNames"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>How many bytes a record must have for this member.</summary>
    public int LeastEnd => (BitOffset + 7 + (IsOpen ? 0 : Bits > 0 ? Bits : Type.Size * 8)) / 8;

    /// <summary>The members of a struct, flat.</summary>
    /// <exception cref="EbpfException">There are too many, or none.</exception>
    public static IReadOnlyList<RecordField> Flatten(BtfStruct type)
    {
        List<RecordField> fields = [];
        int structs = 0;
        Add(fields, type, 0, "", isLast: true, ref structs);
        return fields.Count > 0 ? Distinct(fields) : throw new EbpfException(EbpfErrorId.InvalidObject, $"{type.Text} has no members that a record could show.", target: type.Text);
    }

    /// <summary>A name that no other member has; PowerShell doesn't tell a from A.</summary>
    /// <param name="names">The names that are taken; this one is, then.</param>
    /// <param name="name">The name that is wanted.</param>
    public static string Unused(HashSet<string> names, string name)
    {
        string unused = name;
        for (int i = 2; !names.Add(unused); i++)
        {
            unused = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unused;
    }

    /// <summary>Of members with one name the first keeps it, and none takes a name that another has.</summary>
    private static RecordField[] Distinct(List<RecordField> fields)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> taken = fields.Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return fields.Select(field => seen.Add(field.Name) ? field : field with { Name = Unused(taken, field.Name) }).ToArray();
    }

    private static void Add(List<RecordField> fields, BtfStruct type, int start, string prefix, bool isLast, ref int structs)
    {
        Require(++structs <= MostStructs, type);
        bool isUnion = type.Fields.Count > 1 && type.Fields.All(field => field.BitOffset == 0);
        for (int i = 0; i < type.Fields.Count; i++)
        {
            BtfField field = type.Fields[i];
            bool last = isLast && (isUnion || i == type.Fields.Count - 1);
            string name = prefix + Clean(field.Name);
            if (field.Type is BtfStruct nested)
            {
                Add(fields, nested, start + field.BitOffset, field.Name.Length == 0 ? prefix : name + ".", last, ref structs);
            }
            else if (field.Name.Length > 0 && field.Type is not BtfOpaque)
            {
                Require(fields.Count < MostFields, type);
                bool open = last && field.Type is BtfArray { Element.Size: > 0 } array && (array.Length == 0 || !isUnion);
                fields.Add(new RecordField(_reserved.Contains(name) ? name + "_" : name, field.Type, start + field.BitOffset, field.Bits, open));
            }
        }
    }

    private static void Require(bool isLittle, BtfStruct type)
    {
        if (!isLittle)
        {
            throw new EbpfException(EbpfErrorId.InvalidObject, $"{type.Text} has more than {MostFields} members.", target: type.Text);
        }
    }

    /// <summary>C's names are plain; those of hostile type information may hold what drives a terminal.</summary>
    private static string Clean(string name) =>
        name.All(IsPlain) ? name : new string(name.Select(c => IsPlain(c) ? c : '_').ToArray());

    private static bool IsPlain(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';
}
