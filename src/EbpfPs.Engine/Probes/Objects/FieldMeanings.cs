using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>Checks what fields are said to stand for.</summary>
internal static class FieldMeanings
{
    /// <summary>Gives fields their meanings.</summary>
    /// <exception cref="EbpfException">There is no such field, or its type can't stand for that.</exception>
    public static IReadOnlyList<RecordField> Apply(IReadOnlyList<RecordField> fields, string type, IReadOnlyDictionary<string, FieldMeaning> meanings)
    {
        string? unknown = meanings.Keys.FirstOrDefault(name => !fields.Any(field => IsNamed(field, name)));
        if (unknown is not null)
        {
            throw new EbpfException(
                EbpfErrorId.NotFound,
                $"{type} has no field '{unknown}'.",
                $"There are: {string.Join(", ", fields.Select(field => field.Name))}.",
                target: unknown);
        }

        return fields
            .Select(field => meanings.FirstOrDefault(pair => IsNamed(field, pair.Key)) is { Key: not null } pair ? With(field, pair.Value) : field)
            .ToArray();
    }

    private static bool IsNamed(RecordField field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static RecordField With(RecordField field, FieldMeaning meaning)
    {
        int size = field.Type.Size;
        bool bytes = field.Type is BtfInteger or BtfArray { Element: BtfInteger } or BtfPointer;
        bool number = field.Type is BtfInteger { Size: <= 8, IsBool: false } or BtfPointer;
        bool fits = field.Bits == 0 && meaning switch
        {
            FieldMeaning.IPv4 => bytes && size == 4,
            FieldMeaning.IPv6 => bytes && size == 16,
            FieldMeaning.Mac => bytes && size == 6,
            FieldMeaning.Port => bytes && size is 2 or 4 or 8,
            FieldMeaning.BootTime or FieldMeaning.Monotonic or FieldMeaning.Duration => number && size == 8,
            FieldMeaning.Errno => number,
            FieldMeaning.Text => field.Type is BtfArray { Element: BtfInteger { Size: 1 } },
            _ => true,
        };
        return fits
            ? field with { Meaning = meaning, IsOpen = field.IsOpen && meaning is FieldMeaning.Value or FieldMeaning.Text }
            : throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"Field '{field.Name}' is a {field.Type.Text} of {size} bytes: that is no {meaning}.",
                "IPv4 takes 4 bytes, IPv6 16, Mac 6, Port 2, 4 or 8; BootTime, Monotonic and Duration 8-byte numbers; Errno any number; Text an array of bytes.",
                target: field.Name);
    }
}
