using System.Collections;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>Makes the bytes of structs and unions out of dictionaries.</summary>
internal static class StructEncoder
{
    /// <summary>Encodes the members that the value names; those of anonymous structs and unions as if they were its own.</summary>
    /// <inheritdoc cref="MapEncoder.Encode"/>
    public static void Encode(BtfStruct type, object? value, Span<byte> bytes, string what)
    {
        List<KeyValuePair<string, object?>> given = Members(type, value, what);
        if (IsUnion(type) && given.Count > 1)
        {
            throw MapEncoder.Refused(what, $"the members of {type.Text} lie over each other, so only one can be given and not {string.Join(", ", given.Select(one => one.Key))}");
        }

        HashSet<string> overlapping = [];
        foreach ((string name, object? member) in given)
        {
            Span<byte> at = bytes;
            BtfField field = Find(type, name, ref at, overlapping)
                ?? throw MapEncoder.Refused(what, $"{type.Text} has no member '{name}'", $"It has: {string.Join(", ", Names(type))}.");
            if (field.Bits > 0)
            {
                MapEncoder.EncodeBits(field, member, at, $"{what}.{name}");
            }
            else
            {
                MapEncoder.Encode(field.Type, member, at.Slice(field.BitOffset / 8, field.Type.Size), $"{what}.{name}");
            }
        }
    }

    private static List<KeyValuePair<string, object?>> Members(BtfStruct type, object? value, string what)
    {
        switch (value)
        {
            case StructValue members:
                return members.Select(one => new KeyValuePair<string, object?>(one.Key, one.Value)).ToList();
            case IDictionary dictionary:
                List<KeyValuePair<string, object?>> list = [];
                foreach (DictionaryEntry entry in dictionary)
                {
                    list.Add(new($"{entry.Key}", entry.Value));
                }

                return list;
            default:
                if (type.Fields is [{ Name.Length: > 0, Bits: 0 } only])
                {
                    // A struct around one value may be given as the value.
                    return [new(only.Name, value)];
                }

                throw MapEncoder.Refused(
                    what,
                    $"{MapEncoder.Describe(value)} is no {type.Text}",
                    $"Give a hashtable with its members: @{{ {string.Join("; ", Names(type).Select(name => $"{name} = ..."))} }}.");
        }
    }

    /// <param name="type">The struct.</param>
    /// <param name="name">The member.</param>
    /// <param name="bytes">The struct's bytes; those of the anonymous one that has the member.</param>
    /// <param name="overlapping">The anonymous unions of which a member was set already.</param>
    private static BtfField? Find(BtfStruct type, string name, ref Span<byte> bytes, HashSet<string> overlapping)
    {
        foreach (BtfField field in type.Fields)
        {
            if (field.Name == name)
            {
                return field;
            }

            if (field.Name.Length == 0 && field.Type is BtfStruct anonymous)
            {
                Span<byte> inner = bytes.Slice(field.BitOffset / 8, anonymous.Size);
                if (Find(anonymous, name, ref inner, overlapping) is BtfField found)
                {
                    string place = $"{type.Text} {field.BitOffset}";
                    if (IsUnion(anonymous) && !overlapping.Add(place))
                    {
                        throw MapEncoder.Refused(name, $"it lies over another member of {type.Text} that is given too");
                    }

                    bytes = inner;
                    return found;
                }
            }
        }

        return null;
    }

    private static bool IsUnion(BtfStruct type) => type.Text.StartsWith("union", StringComparison.Ordinal);

    private static IEnumerable<string> Names(BtfStruct type) => type.Fields.SelectMany(field =>
        field.Name.Length > 0 ? [field.Name] : field.Type is BtfStruct anonymous ? Names(anonymous) : []);
}
