using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Net;
using System.Numerics;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Makes the bytes of keys and values out of plain objects, by their C types: the other way round than
/// <see cref="MapDecoder"/>, whose objects it all takes. Numbers may be texts too (<c>0x1f</c>), structs any dictionary with
/// the names of members; an address may stand for an array of 4 or 16 bytes. Nothing is cut: what doesn't fit is refused.
/// </summary>
internal static class MapEncoder
{
    /// <summary>Encodes a value.</summary>
    /// <param name="type">Its type; null where nothing is known of it.</param>
    /// <param name="value">The value.</param>
    /// <param name="bytes">Where to put it: as many bytes as it has. Members that the value doesn't name stay as they are.</param>
    /// <param name="what">What to call it in errors: <c>key</c>, <c>value.count</c>.</param>
    /// <exception cref="EbpfException">The value doesn't go into the type.</exception>
    public static void Encode(BtfType? type, object? value, Span<byte> bytes, string what)
    {
        switch (type)
        {
            case BtfInteger integer:
                WriteBits(bytes, integer.BitOffset, integer.Bits, Number(integer, integer.Bits, value, what));
                break;
            case BtfPointer pointer:
                WriteBits(bytes, 0, 64, Ranged(Integer(value, what), 64, signed: false, pointer.Text, what));
                break;
            case BtfEnum names:
                WriteBits(bytes, 0, names.Size * 8, Enumeration(names, names.Size * 8, value, what));
                break;
            case BtfFloat { Size: sizeof(float) }:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)Floating(value, what));
                break;
            case BtfFloat { Size: sizeof(double) }:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, Floating(value, what));
                break;
            case BtfArray array:
                EncodeArray(array, value, bytes, what);
                break;
            case BtfStruct members:
                StructEncoder.Encode(members, value, bytes, what);
                break;
            default:
                EncodeBytes(value, bytes, what);
                break;
        }
    }

    /// <summary>Encodes a bit-field.</summary>
    public static void EncodeBits(BtfField field, object? value, Span<byte> bytes, string what)
    {
        UInt128 raw = field.Type is BtfEnum names
            ? Enumeration(names, field.Bits, value, what)
            : Number((BtfInteger)field.Type, field.Bits, value, what);
        WriteBits(bytes, field.BitOffset, field.Bits, raw);
    }

    /// <summary>The exception for a value that can't be used.</summary>
    public static EbpfException Refused(string what, string reason, string hint = "") =>
        new(EbpfErrorId.InvalidArgument, $"The {what} can't be used: {reason}.", hint, target: what);

    /// <summary>What a value is called in errors.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.GetType().Name,
    };

    private static UInt128 Number(BtfInteger type, int bits, object? value, string what)
    {
        if (type.IsBool)
        {
            BigInteger truth = Integer(value, what);
            return truth.IsZero || truth.IsOne ? (UInt128)truth : throw Refused(what, $"{Describe(value)} is neither true nor false");
        }

        BigInteger number = type.IsChar && value is string { Length: 1 } one && !char.IsAsciiDigit(one[0]) ? one[0] : Integer(value, what);
        return Ranged(number, bits, type.IsSigned, type.Text, what);
    }

    private static UInt128 Ranged(BigInteger number, int bits, bool signed, string type, string what)
    {
        BigInteger least = signed ? -(BigInteger.One << (bits - 1)) : 0;
        BigInteger greatest = (BigInteger.One << (signed ? bits - 1 : bits)) - 1;
        if (number < least || number > greatest)
        {
            throw Refused(what, string.Create(CultureInfo.InvariantCulture, $"{number} is not within {least} and {greatest} ({type})"));
        }

        return number < 0 ? (UInt128)(Int128)number : (UInt128)number;
    }

    private static UInt128 Enumeration(BtfEnum type, int bits, object? value, string what)
    {
        if (value is string name && type.Names.FirstOrDefault(one => one.Value == name) is { Value: not null } found)
        {
            return Ranged(found.Key, bits, type.IsSigned, type.Text, what);
        }

        return value is string text && !TryParse(text, out _)
            ? throw Refused(what, $"{type.Text} has no '{text}'", $"It has: {string.Join(", ", type.Names.Values)}.")
            : Ranged(Integer(value, what), bits, type.IsSigned, type.Text, what);
    }

    private static BigInteger Integer(object? value, string what) => value switch
    {
        bool flag => flag ? 1 : 0,
        BigInteger big => big,
        byte or ushort or uint or ulong => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
        sbyte or short or int or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        Enum or char => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float or double or decimal when Convert.ToDouble(value, CultureInfo.InvariantCulture) is double number && number == Math.Truncate(number) => (BigInteger)number,
        string text when TryParse(text, out BigInteger parsed) => parsed,
        _ => throw Refused(what, $"{Describe(value)} is no whole number"),
    };

    private static bool TryParse(string text, out BigInteger number)
    {
        string trimmed = text.Trim();
        return trimmed.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? BigInteger.TryParse("0" + trimmed[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : BigInteger.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private static double Floating(object? value, string what) =>
        value is string text
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) ? parsed : throw Refused(what, $"{Describe(value)} is no number")
            : value is BigInteger or null ? (double)Integer(value, what) : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static void EncodeArray(BtfArray type, object? value, Span<byte> bytes, string what)
    {
        bytes = bytes[..type.Size];
        bool octets = type.Element is BtfInteger { Size: 1, IsBool: false };
        switch (value)
        {
            case string text when octets && !(type.Element is BtfInteger { IsChar: true }) && IPAddress.TryParse(text, out IPAddress? parsed):
                Put(parsed.GetAddressBytes(), bytes, what, exact: true);
                break;
            case IPAddress address:
                Put(address.GetAddressBytes(), bytes, what, exact: true);
                break;
            case string text when octets:
                Put(KernelText.ToBytes(text), bytes, what, exact: false);
                break;
            case byte[] raw when octets:
                Put(raw, bytes, what, exact: true);
                break;
            case IEnumerable list and not (string or IDictionary):
                object?[] elements = list.Cast<object?>().ToArray();
                if (elements.Length != type.Length)
                {
                    throw Refused(what, $"it takes {type.Length} elements ({type.Text}), not {elements.Length}");
                }

                for (int i = 0; i < elements.Length; i++)
                {
                    Encode(type.Element, elements[i], bytes.Slice(i * type.Element.Size, type.Element.Size), $"{what}[{i}]");
                }

                break;
            default:
                throw Refused(what, $"{Describe(value)} is no {type.Text}");
        }
    }

    private static void EncodeBytes(object? value, Span<byte> bytes, string what)
    {
        switch (value)
        {
            case byte[] raw:
                Put(raw, bytes, what, exact: true);
                break;
            case string text when text.Length == bytes.Length * 2 && text.All(char.IsAsciiHexDigit):
                Convert.FromHexString(text).CopyTo(bytes);
                break;
            case IEnumerable list and not (string or IDictionary):
                BtfInteger octet = new("u8", 1, IsSigned: false, IsBool: false, IsChar: false, 0, 8);
                EncodeArray(new BtfArray($"u8[{bytes.Length}]", octet, bytes.Length), list, bytes, what);
                break;
            case not null when bytes.Length is 1 or 2 or 4 or 8 && value is not IDictionary:
                BigInteger number = Integer(value, what);
                WriteBits(bytes, 0, bytes.Length * 8, Ranged(number, bytes.Length * 8, number < 0, $"{bytes.Length} bytes", what));
                break;
            default:
                throw Refused(
                    what,
                    $"its type isn't known, and {Describe(value)} is not {bytes.Length} bytes",
                    "Give an array of bytes, or hexadecimal digits, two for each byte.");
        }
    }

    private static void Put(byte[] from, Span<byte> to, string what, bool exact)
    {
        if (from.Length > to.Length || (exact && from.Length != to.Length))
        {
            throw Refused(what, $"{from.Length} bytes don't go into {to.Length}");
        }

        to.Clear();
        from.CopyTo(to);
    }

    private static void WriteBits(Span<byte> bytes, int offset, int bits, UInt128 value)
    {
        for (int i = 0; i < bits; i++)
        {
            int at = offset + i;
            byte mask = (byte)(1 << (at % 8));
            bytes[at / 8] = (value >> i & 1) != 0 ? (byte)(bytes[at / 8] | mask) : (byte)(bytes[at / 8] & ~mask);
        }
    }
}
