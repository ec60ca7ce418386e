using System.Numerics;
using System.Runtime.InteropServices;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Makes one value of the copies that the CPUs keep of a per-CPU map's value. Integers and floating-point numbers add
/// up, to 64 bits (integers of 16 bytes to any size); so do the elements of arrays. A struct's members called
/// <c>minimum</c> or <c>min</c> give the least, <c>maximum</c> or <c>max</c> the greatest of the copies. A bool is
/// whether any is. Of text, enumerations, pointers and bytes the first copy that is not zero counts. A copy of zeros
/// only is of a CPU that has seen nothing, and is left out.
/// </summary>
internal static class PerCpuSum
{
    private enum Way
    {
        Add,
        Least,
        Greatest,
    }

    /// <summary>Combines the copies of a value.</summary>
    /// <param name="type">Its type; null where nothing is known of it.</param>
    /// <param name="copies">One for each CPU; at least one.</param>
    public static object Combine(BtfType? type, IReadOnlyList<ReadOnlyMemory<byte>> copies)
    {
        ReadOnlyMemory<byte>[] used = copies.Where(copy => !IsZero(copy)).ToArray();
        return Combine(type, used.Length > 0 ? used : [copies[0]], Way.Add);
    }

    private static object Combine(BtfType? type, ReadOnlyMemory<byte>[] copies, Way way)
    {
        switch (type)
        {
            case BtfStruct members:
                return Struct(members, copies);
            case BtfInteger or BtfFloat:
                return Numbers(Array.ConvertAll(copies, copy => MapDecoder.Decode(type, copy.Span)), way);
            case BtfArray { Element: BtfInteger { Size: sizeof(ulong), IsSigned: false } } numbers when way == Way.Add:
                return Add(numbers, copies);
            case BtfArray { Element: not BtfInteger { IsChar: true } } array:
                return Elements(array, copies, way);
            default:
                ReadOnlyMemory<byte> first = Array.Find(copies, copy => !IsZero(copy[..Math.Min(copy.Length, type?.Size ?? copy.Length)]));
                return MapDecoder.Decode(type, (first.IsEmpty ? copies[0] : first).Span);
        }
    }

    private static StructValue Struct(BtfStruct type, ReadOnlyMemory<byte>[] copies)
    {
        List<KeyValuePair<string, object>> fields = new(type.Fields.Count);
        foreach (BtfField field in type.Fields)
        {
            object value = Field(field, copies);
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

    private static object Field(BtfField field, ReadOnlyMemory<byte>[] copies)
    {
        Way way = field.Name switch
        {
            "minimum" or "min" => Way.Least,
            "maximum" or "max" => Way.Greatest,
            _ => Way.Add,
        };
        if (field.Bits == 0 && field.BitOffset % 8 == 0 && field.Type is not BtfInteger)
        {
            return Combine(field.Type, Array.ConvertAll(copies, copy => copy[(field.BitOffset / 8)..]), way);
        }

        object[] values = Array.ConvertAll(copies, copy => MapDecoder.Field(field, copy.Span));
        if (field.Type is BtfInteger)
        {
            return Numbers(values, way);
        }

        object nothing = MapDecoder.Field(field, new byte[copies[0].Length]);
        return Array.Find(values, value => !value.Equals(nothing)) ?? nothing;
    }

    private static object Numbers(object[] values, Way way) => values[0] switch
    {
        bool => Array.Exists(values, value => value is true),
        byte or ushort or uint or ulong => Fold(values, Convert.ToUInt64, way, (a, b) => unchecked(a + b)),
        sbyte or short or int or long => Fold(values, Convert.ToInt64, way, (a, b) => unchecked(a + b)),
        float or double => Fold(values, Convert.ToDouble, way, (a, b) => a + b),
        BigInteger => Fold(values, value => (BigInteger)value, way, (a, b) => a + b),
        object bytes => bytes,
    };

    private static object Fold<T>(object[] values, Func<object, T> convert, Way way, Func<T, T, T> add)
        where T : IComparable<T> => values.Select(convert).Aggregate((a, b) => way switch
    {
        Way.Least => a.CompareTo(b) <= 0 ? a : b,
        Way.Greatest => a.CompareTo(b) >= 0 ? a : b,
        _ => add(a, b),
    });

    /// <summary>Histograms are arrays of 64-bit numbers: these don't become objects one by one.</summary>
    private static ulong[] Add(BtfArray type, ReadOnlyMemory<byte>[] copies)
    {
        ulong[] sum = new ulong[type.Length];
        foreach (ReadOnlyMemory<byte> copy in copies)
        {
            ReadOnlySpan<ulong> other = MemoryMarshal.Cast<byte, ulong>(copy.Span[..type.Size]);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] = unchecked(sum[i] + other[i]);
            }
        }

        return sum;
    }

    private static object Elements(BtfArray type, ReadOnlyMemory<byte>[] copies, Way way)
    {
        object[] elements = new object[type.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = Combine(type.Element, Array.ConvertAll(copies, copy => copy.Slice(i * type.Element.Size, type.Element.Size)), way);
        }

        return elements switch
        {
            [ulong, ..] when type.Element is BtfInteger => Array.ConvertAll(elements, element => (ulong)element),
            [long, ..] => Array.ConvertAll(elements, element => (long)element),
            _ => elements,
        };
    }

    private static bool IsZero(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOfAnyExcept((byte)0) < 0;
}
