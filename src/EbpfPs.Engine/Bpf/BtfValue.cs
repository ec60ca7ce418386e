using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace EbpfPs.Bpf;

/// <summary>Writes .NET values as C types have them; refuses what the type can't hold, and says what it is.</summary>
internal static class BtfValue
{
    /// <summary>Writes a value.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">The value.</param>
    /// <param name="memory">As many bytes as the type has. What the value doesn't mention stays as it is.</param>
    /// <exception cref="EbpfException">The type doesn't take the value.</exception>
    public static void Write(string name, BtfType type, object? value, Span<byte> memory) => WriteBits(name, type, value, memory, 0, 0);

    private static void WriteBits(string name, BtfType type, object? value, Span<byte> memory, int bitOffset, int bits)
    {
        switch (type)
        {
            case BtfInteger { IsBool: true }:
                Put(memory, bitOffset, bits > 0 ? bits : 8, Truth(name, type, value) ? 1 : 0);
                break;
            case BtfInteger number:
                int width = bits > 0 ? bits : number.Bits;
                Put(memory, bitOffset + (bits > 0 ? 0 : number.BitOffset), width, InRange(name, type, value, Number(name, type, value), width, number.IsSigned));
                break;
            case BtfEnum names:
                int size = bits > 0 ? bits : names.Size * 8;
                Put(memory, bitOffset, size, InRange(name, type, value, EnumValue(name, names, value), size, names.IsSigned));
                break;
            case BtfFloat { Size: sizeof(float) }:
                BitConverter.TryWriteBytes(memory[(bitOffset / 8)..], (float)Real(name, type, value));
                break;
            case BtfFloat { Size: sizeof(double) }:
                BitConverter.TryWriteBytes(memory[(bitOffset / 8)..], Real(name, type, value));
                break;
            case BtfArray { Element: BtfInteger { Size: 1 } } text when value is string or char:
                Text(name, text, value.ToString()!, memory.Slice(bitOffset / 8, text.Size));
                break;
            case BtfArray array when value is IEnumerable and not string and not IDictionary:
                Elements(name, array, ((IEnumerable)value).Cast<object?>().ToArray(), memory.Slice(bitOffset / 8, array.Size));
                break;
            case BtfStruct members when value is IDictionary given:
                Members(name, members, given, memory.Slice(bitOffset / 8, members.Size));
                break;
            default:
                throw Wrong(name, type, value, type switch
                {
                    BtfArray { Element: BtfInteger { Size: 1 } } => "text, or an array of numbers",
                    BtfArray => "an array",
                    BtfStruct => "a dictionary of its members: @{ name = value }",
                    BtfPointer => "nothing: pointers can't be set",
                    _ => "nothing that can be set here",
                });
        }
    }

    private static void Elements(string name, BtfArray type, object?[] values, Span<byte> memory)
    {
        if (values.Length > type.Length)
        {
            throw Wrong(name, type, $"{values.Length} elements", $"at most {type.Length}");
        }

        memory.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            Write($"{name}[{i}]", type.Element, values[i], memory.Slice(i * type.Element.Size, type.Element.Size));
        }
    }

    private static void Members(string name, BtfStruct type, IDictionary given, Span<byte> memory)
    {
        foreach (DictionaryEntry member in given)
        {
            string key = member.Key.ToString()!;
            (BtfField field, int start) = Find(type, key, 0)
                ?? throw Wrong($"{name}.{key}", type, key, $"the members {string.Join(", ", type.Fields.Select(one => one.Name))}");
            WriteBits($"{name}.{key}", field.Type, member.Value, memory, start + field.BitOffset, field.Bits);
        }
    }

    private static (BtfField Field, int Start)? Find(BtfStruct type, string name, int start)
    {
        foreach (BtfField field in type.Fields)
        {
            if (field.Name == name)
            {
                return (field, start);
            }

            if (field.Name.Length == 0 && field.Type is BtfStruct nested && Find(nested, name, start + field.BitOffset) is (BtfField, int) found)
            {
                return found;
            }
        }

        return null;
    }

    private static void Text(string name, BtfArray type, string text, Span<byte> memory)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length >= type.Length)
        {
            throw Wrong(name, type, $"'{text}', which takes {bytes.Length} bytes and a NUL", $"at most {type.Length - 1} bytes of text");
        }

        memory.Clear();
        bytes.CopyTo(memory);
    }

    private static BigInteger InRange(string name, BtfType type, object? value, BigInteger number, int bits, bool signed)
    {
        BigInteger least = signed ? -(BigInteger.One << (bits - 1)) : 0;
        BigInteger most = signed ? (BigInteger.One << (bits - 1)) - 1 : (BigInteger.One << bits) - 1;
        return number >= least && number <= most
            ? number
            : throw Wrong(name, type, value, $"{least} to {most}{(type is BtfEnum names ? $" ({string.Join(", ", names.Names.Values)})" : "")}");
    }

    private static BigInteger EnumValue(string name, BtfEnum type, object? value)
    {
        if (value is not string text)
        {
            return Number(name, type, value);
        }

        foreach ((long number, string known) in type.Names)
        {
            if (known == text)
            {
                return type.IsSigned ? number : (ulong)number;
            }
        }

        throw Wrong(name, type, value, string.Join(", ", type.Names.Values));
    }

    private static bool Truth(string name, BtfType type, object? value) => value switch
    {
        bool truth => truth,
        _ when value is not null && TryNumber(value, out BigInteger number) && number >= 0 && number <= 1 => number == 1,
        _ => throw Wrong(name, type, value, "true, false, 0 or 1"),
    };

    private static BigInteger Number(string name, BtfType type, object? value) =>
        value is not null && TryNumber(value, out BigInteger number) ? number : throw Wrong(name, type, value, "a whole number");

    private static bool TryNumber(object value, out BigInteger number)
    {
        number = default;
        switch (value)
        {
            case BigInteger big:
                number = big;
                return true;
            case bool truth:
                number = truth ? 1 : 0;
                return true;
            case char character:
                number = character;
                return true;
            case double or float or decimal:
                decimal exact = 0;
                bool whole = value is decimal given ? (exact = given) == decimal.Truncate(given) : Convert.ToDouble(value, CultureInfo.InvariantCulture) is var real && Math.Abs(real) < 1e18 && (exact = (decimal)real) == decimal.Truncate(exact);
                number = whole ? new BigInteger(exact) : default;
                return whole;
            case string text when text.StartsWith("0x", StringComparison.OrdinalIgnoreCase):
                return BigInteger.TryParse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
            case string text:
                return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
            case Enum names:
                return BigInteger.TryParse(names.ToString("D"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
            case IConvertible:
                return BigInteger.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
            default:
                return false;
        }
    }

    private static double Real(string name, BtfType type, object? value) =>
        value is IConvertible and not (string or bool or char) ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : throw Wrong(name, type, value, "a number");

    private static void Put(Span<byte> memory, int bitOffset, int bits, BigInteger number)
    {
        for (int i = 0; i < bits; i++)
        {
            int at = bitOffset + i;
            int bit = (int)((number >> i) & 1);
            memory[at / 8] = (byte)((memory[at / 8] & ~(1 << (at % 8))) | (bit << (at % 8)));
        }
    }

    private static EbpfException Wrong(string name, BtfType type, object? value, string takes) => new(
        EbpfErrorId.InvalidArgument,
        $"'{name}' is a {type.Text} and can't be {value switch { null => "null", string text => $"'{text}'", _ => Convert.ToString(value, CultureInfo.InvariantCulture) }}.",
        $"It takes {takes}.",
        target: name);
}
