using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Makes plain objects of the bytes of keys and values, by their C types:
/// <list type="bullet">
/// <item>integers of 1 to 8 bytes and <c>_Bool</c> the .NET type of that size, of 16 bytes a <see cref="BigInteger"/>; a
/// bit-field the type it was declared with;</item>
/// <item>an array of <c>char</c> text up to its NUL, other arrays of numbers a typed array, any other an array of objects;</item>
/// <item>an enumeration the name of its value, or the number where none has it; a pointer a <see cref="ulong"/>;</item>
/// <item>structs and unions a <see cref="StructValue"/>, into which the members of anonymous ones are lifted;</item>
/// <item>what has no type, or one without values, its bytes.</item>
/// </list>
/// </summary>
internal static class MapDecoder
{
    /// <summary>Decodes a value.</summary>
    /// <param name="type">Its type; null where nothing is known of it.</param>
    /// <param name="bytes">At least as many as the type has.</param>
    public static object Decode(BtfType? type, ReadOnlySpan<byte> bytes) => type switch
    {
        BtfInteger integer => Integer(integer, bytes, integer.BitOffset, integer.Bits),
        BtfFloat { Size: sizeof(float) } => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        BtfFloat { Size: sizeof(double) } => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        BtfFloat other => bytes[..other.Size].ToArray(),
        BtfPointer => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BtfEnum names => Enumeration(names, ReadBits(bytes, 0, names.Size * 8), names.Size * 8),
        BtfArray array => Array(array, bytes),
        BtfStruct members => Struct(members, bytes),
        _ => bytes.ToArray(),
    };

    private static StructValue Struct(BtfStruct type, ReadOnlySpan<byte> bytes)
    {
        List<KeyValuePair<string, object>> fields = new(type.Fields.Count);
        foreach (BtfField field in type.Fields)
        {
            object value = Field(field, bytes);
            if (field.Name.Length > 0)
            {
                fields.Add(new(field.Name, value));
            }
            else if (value is StructValue anonymous)
            {
                fields.AddRange(anonymous);
            }
        }

        return new StructValue(type.Text, fields);
    }

    /// <summary>Decodes a member.</summary>
    public static object Field(BtfField field, ReadOnlySpan<byte> bytes) => field switch
    {
        { Bits: > 0, Type: BtfInteger integer } => Integer(integer, bytes, field.BitOffset, field.Bits),
        { Bits: > 0, Type: BtfEnum names } => Enumeration(names, ReadBits(bytes, field.BitOffset, field.Bits), field.Bits),

        // Compilers before the flag for bit-fields gave them a type of so many bits, at any bit of the struct.
        { Type: BtfInteger integer } => Integer(integer, bytes, field.BitOffset + integer.BitOffset, integer.Bits),
        _ => Decode(field.Type, bytes[(field.BitOffset / 8)..]),
    };

    private static object Integer(BtfInteger type, ReadOnlySpan<byte> bytes, int bitOffset, int bits)
    {
        UInt128 raw = ReadBits(bytes, bitOffset, bits);
        if (type.IsBool)
        {
            return raw != 0;
        }

        // The sign stands in the value's highest bit.
        Int128 signed = bits is > 0 and < 128 ? (Int128)(raw << (128 - bits)) >> (128 - bits) : (Int128)raw;
        return (type.Size, type.IsSigned) switch
        {
            // One arm as an object keeps the others from becoming the widest type of all.
            (1, true) => (object)(sbyte)signed,
            (1, false) => (byte)raw,
            (2, true) => (short)signed,
            (2, false) => (ushort)raw,
            (4, true) => (int)signed,
            (4, false) => (uint)raw,
            (8, true) => (long)signed,
            (8, false) => (ulong)raw,
            (_, true) => (BigInteger)signed,
            _ => (BigInteger)raw,
        };
    }

    private static object Enumeration(BtfEnum type, UInt128 raw, int bits)
    {
        long number = type.IsSigned ? (long)((Int128)(raw << (128 - bits)) >> (128 - bits)) : (long)(ulong)raw;
        return type.Names.TryGetValue(number, out string? name) ? name : type.IsSigned ? number : (ulong)number;
    }

    private static object Array(BtfArray type, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> all = bytes[..type.Size];
        switch (type.Element)
        {
            case BtfInteger { IsChar: true }:
                return KernelText.FromBytes(all);
            case BtfInteger { IsBool: false } number when number.Bits == number.Size * 8 && number.Size <= 8:
                return Numbers(number, all);
            default:
                object[] elements = new object[type.Length];
                for (int i = 0; i < elements.Length; i++)
                {
                    elements[i] = Decode(type.Element, all.Slice(i * type.Element.Size, type.Element.Size));
                }

                return elements;
        }
    }

    /// <summary>Both architectures that are supported keep numbers as the kernel's eBPF does, with the lowest byte first.</summary>
    private static object Numbers(BtfInteger type, ReadOnlySpan<byte> bytes) => (type.Size, type.IsSigned) switch
    {
        (1, true) => MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray(),
        (1, false) => bytes.ToArray(),
        (2, true) => MemoryMarshal.Cast<byte, short>(bytes).ToArray(),
        (2, false) => MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(),
        (4, true) => MemoryMarshal.Cast<byte, int>(bytes).ToArray(),
        (4, false) => MemoryMarshal.Cast<byte, uint>(bytes).ToArray(),
        (_, true) => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
        _ => MemoryMarshal.Cast<byte, ulong>(bytes).ToArray(),
    };

    /// <summary>Reads up to 128 bits, from any bit on.</summary>
    public static UInt128 ReadBits(ReadOnlySpan<byte> bytes, int offset, int bits)
    {
        UInt128 value = 0;
        int first = offset / 8;
        int last = (offset + bits - 1) / 8;
        int shift = offset % 8;
        for (int i = Math.Min(last, first + 15); i >= first && bits > 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        value >>= shift;
        if (last > first + 15)
        {
            // 128 bits that begin within a byte end in a seventeenth.
            value |= (UInt128)bytes[first + 16] << (128 - shift);
        }

        return bits < 128 ? value & ((UInt128.One << bits) - 1) : value;
    }
}
