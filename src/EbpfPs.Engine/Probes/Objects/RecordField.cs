using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A member of a record's struct that becomes a property; members of nested structs are such members too.</summary>
/// <param name="Name">Its name; with dots for what lies in nested structs: <c>from.port</c>.</param>
/// <param name="Type">Its C type.</param>
/// <param name="BitOffset">Bits from the record's start.</param>
/// <param name="Bits">Bits of a bit-field; 0 for any other member.</param>
/// <param name="IsFlexible">Whether it is an array that goes on to the record's end.</param>
/// <param name="Meaning">What its number stands for.</param>
internal sealed record RecordField(string Name, BtfType Type, int BitOffset, int Bits, bool IsFlexible, FieldMeaning Meaning = FieldMeaning.Value)
{
    /// <summary>More members than any honest record has; bounds what hostile type information can make.</summary>
    private const int MostFields = 1000;

    /// <summary>The members of a struct, flat.</summary>
    /// <exception cref="EbpfException">There are too many, or none.</exception>
    public static IReadOnlyList<RecordField> Flatten(BtfStruct type)
    {
        List<RecordField> fields = [];
        Dictionary<string, int> names = new(StringComparer.OrdinalIgnoreCase);
        Add(fields, names, type, 0, "", isLast: true);
        return fields.Count > 0 ? fields : throw new EbpfException(EbpfErrorId.InvalidObject, $"{type.Text} has no members that a record could show.", target: type.Text);
    }

    private static void Add(List<RecordField> fields, Dictionary<string, int> names, BtfStruct type, int start, string prefix, bool isLast)
    {
        for (int i = 0; i < type.Fields.Count; i++)
        {
            BtfField field = type.Fields[i];
            bool last = isLast && i == type.Fields.Count - 1;
            if (field.Type is BtfStruct nested)
            {
                Add(fields, names, nested, start + field.BitOffset, field.Name.Length == 0 ? prefix : $"{prefix}{field.Name}.", last);
            }
            else if (field.Name.Length > 0 && field.Type is not BtfOpaque)
            {
                if (fields.Count == MostFields)
                {
                    throw new EbpfException(EbpfErrorId.InvalidObject, $"{type.Text} has more than {MostFields} members.", target: type.Text);
                }

                // PowerShell doesn't tell a from A.
                string name = prefix + field.Name;
                int same = names[name] = names.GetValueOrDefault(name) + 1;
                bool flexible = last && field.Type is BtfArray { Length: 0, Element.Size: > 0 };
                fields.Add(new RecordField(same == 1 ? name : $"{name}_{same}", field.Type, start + field.BitOffset, field.Bits, flexible));
            }
        }
    }
}
