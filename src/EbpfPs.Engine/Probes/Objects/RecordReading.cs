using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// What the code that <see cref="RecordCompiler"/> makes calls for each field. A record was found long enough for the
/// struct before. Numbers stand with the lowest byte first, as both architectures that are supported keep them.
/// </summary>
internal static class RecordReading
{
    public static T Number<T>(ReadOnlySpan<byte> record, int offset)
        where T : struct => MemoryMarshal.Read<T>(record[offset..]);

    public static bool Bool(ReadOnlySpan<byte> record, int offset) => record[offset] != 0;

    /// <summary>A bit-field of up to 64 bits; with its sign where it has one.</summary>
    public static long Bits(ReadOnlySpan<byte> record, int bitOffset, int bits, bool signed)
    {
        UInt128 raw = MapDecoder.ReadBits(record, bitOffset, bits);
        return signed ? (long)((Int128)(raw << (128 - bits)) >> (128 - bits)) : (long)(ulong)raw;
    }

    /// <summary>A bit-field of a 128-bit number.</summary>
    public static BigInteger WideBits(ReadOnlySpan<byte> record, int bitOffset, int bits, bool signed)
    {
        UInt128 raw = MapDecoder.ReadBits(record, bitOffset, bits);
        return signed ? (BigInteger)((Int128)(raw << (128 - bits)) >> (128 - bits)) : raw;
    }

    public static BigInteger Wide(ReadOnlySpan<byte> record, int offset, bool signed) =>
        new(record.Slice(offset, 16), isUnsigned: !signed);

    public static string Text(ReadOnlySpan<byte> record, int offset, int length, RecordContext context) =>
        context.Text.Get(record.Slice(offset, length));

    /// <summary>Text that goes on to the record's end, but for what is behind the array.</summary>
    public static string TextToEnd(ReadOnlySpan<byte> record, int offset, int most, RecordContext context) =>
        context.Text.Get(record.Slice(offset, Math.Min(most, record.Length - offset)));

    public static T[] Numbers<T>(ReadOnlySpan<byte> record, int offset, int count)
        where T : struct
    {
        T[] numbers = new T[count];
        int size = Unsafe.SizeOf<T>();
        for (int i = 0; i < count; i++)
        {
            numbers[i] = MemoryMarshal.Read<T>(record[(offset + (i * size))..]);
        }

        return numbers;
    }

    public static bool[] Bools(ReadOnlySpan<byte> record, int offset, int count)
    {
        bool[] values = new bool[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = record[offset + i] != 0;
        }

        return values;
    }

    /// <summary>How many whole elements lie between an offset and the record's end.</summary>
    public static int CountToEnd(ReadOnlySpan<byte> record, int offset, int size, int most) => Math.Min(most, (record.Length - offset) / size);

    public static T[] Structs<T>(ReadOnlySpan<byte> record, int offset, int count, int size, RecordDecoder decode, RecordContext context)
        where T : ObjectRecord
    {
        T[] values = new T[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (T)decode(record.Slice(offset + (i * size), size), context);
        }

        return values;
    }

    /// <summary>Arrays of arrays, and what else has no type of its own in .NET.</summary>
    public static object Other(ReadOnlySpan<byte> record, int offset, BtfType type) => MapDecoder.Decode(type, record[offset..]);

    public static object[] Others(ReadOnlySpan<byte> record, int offset, int count, BtfType element)
    {
        object[] values = new object[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = MapDecoder.Decode(element, record[(offset + (i * element.Size))..]);
        }

        return values;
    }

    public static string Address(ReadOnlySpan<byte> record, int offset, int length) => new IPAddress(record.Slice(offset, length)).ToString();

    public static string Mac(ReadOnlySpan<byte> record, int offset) =>
        string.Join(':', record.Slice(offset, 6).ToArray().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    public static ushort Port16(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt16BigEndian(record[offset..]);

    public static uint Port32(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt32BigEndian(record[offset..]);

    public static ulong Port64(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt64BigEndian(record[offset..]);

    public static long BootNs(long time, RecordContext context) => unchecked(time + context.Boot.OffsetNs);

    public static long MonotonicNs(long time, RecordContext context) => unchecked(time + context.Monotonic.OffsetNs);

    /// <summary>Local time, to 100 ns.</summary>
    public static DateTime TimeOf(long unixNs) => DateTime.UnixEpoch.AddTicks(unixNs / 100).ToLocalTime();

    public static TimeSpan DurationOf(long ns) => TimeSpan.FromTicks(ns / 100);

    public static string ErrnoOf(long result, bool signed) => signed
        ? result is < 0 and >= -4095 ? ErrnoNames.NameOf((int)-result) : ""
        : result is > 0 and <= 4095 ? ErrnoNames.NameOf((int)result) : "";
}
