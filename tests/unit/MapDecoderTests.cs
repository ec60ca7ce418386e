using System.Buffers.Binary;
using System.Numerics;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Bytes at the literal offsets of <c>struct everything</c> of tests/objects/maps.bpf.c, and what becomes of them.</summary>
public sealed class MapDecoderTests
{
    [Fact]
    public void EveryKindOfMember()
    {
        byte[] bytes = new byte[208];
        bytes[0] = 1;
        bytes[1] = 0xfe;
        bytes[2] = 200;
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(4), -300);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), 65535);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), -70_000);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), 4_000_000_000);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), long.MinValue);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), ulong.MaxValue);
        bytes.AsSpan(32, 16).Fill(0xff);
        bytes.AsSpan(48, 16).Fill(0xff);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(64), 1.5f);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(72), -0.1);
        "a\u00e9\n\0x"u8.CopyTo(bytes.AsSpan(80));
        new byte[] { 9, 8, 7, 6 }.CopyTo(bytes.AsSpan(88));
        bytes[92] = 5;
        bytes[96] = 6;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(100), -2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(104), 0xffff_8880_0000_0000);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(112), 1);
        for (int i = 0; i < 6 + 6; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(120 + (4 * i)), i);
        }

        bytes[168] = 7;
        ulong bits = 0b101 | (0b10000UL << 3) | (7UL << 8) | (0xab_cdef_0123UL << 11);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(176), bits);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(184), 0x0002_0001);
        bytes[188] = 1;
        bytes[189] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(192), 0x0403_0201);

        StructValue decoded = Assert.IsType<StructValue>(MapDecoder.Decode(TestTypes.Get("struct everything"), bytes));

        Assert.Equal("struct everything", decoded.TypeName);
        object[] expected =
        [
            true, (sbyte)-2, (byte)200, (short)-300, (ushort)65535, -70_000, 4_000_000_000u, long.MinValue, ulong.MaxValue,
            BigInteger.MinusOne, (BigInteger)UInt128.MaxValue, 1.5f, -0.1, "a\u00e9\n", new byte[] { 9, 8, 7, 6 },
            "GREEN", 6UL, "LOW", 0xffff_8880_0000_0000, 1UL,
        ];
        Assert.Equal(expected, decoded.Take(expected.Length).Select(field => field.Value));
        AssertPoint(0, 1, decoded["nested"]);
        object[] corners = Assert.IsType<object[]>(decoded["corners"]);
        AssertPoint(2, 3, corners[0]);
        AssertPoint(4, 5, corners[1]);
        Assert.Equal([new[] { 6, 7, 8 }, new[] { 9, 10, 11 }], Assert.IsType<object[]>(decoded["matrix"]));
        Assert.Equal(["BLUE", "RED"], Assert.IsType<object[]>(decoded["palette"]));
        Assert.Equal(
            [new("low_bits", 5u), new("signed_bits", -16), new("colour_bits", "BLUE"), new("far_bits", 0xab_cdef_0123UL)],
            decoded.Where(field => field.Key.EndsWith("_bits", StringComparison.Ordinal)));
        Assert.Equal(0x0002_0001u, decoded["whole"]);
        Assert.Equal(new ushort[] { 1, 2 }, decoded["halves"]);
        Assert.Equal(((byte)1, (byte)2), (decoded["first"], decoded["second"]));
        StructValue named = Assert.IsType<StructValue>(decoded["named"]);
        Assert.Equal(0x0403_0201u, named["a"]);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, named["b"]);
        Assert.Null(decoded["no such member"]);
        Assert.Equal(33, decoded.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { })]
    public void WithoutATypeThereAreTheBytes(byte[] bytes) => Assert.Equal(bytes, MapDecoder.Decode(null, bytes));

    [Fact]
    public void TextIsLossless()
    {
        BtfType text = ((BtfStruct)TestTypes.Get("struct everything")).Fields.Single(field => field.Name == "text").Type;

        Assert.Equal("\udcff\u001b[2J", MapDecoder.Decode(text, new byte[] { 0xff, 0x1b, (byte)'[', (byte)'2', (byte)'J', 0, (byte)'x', 0 }));
        Assert.Equal("12345678", MapDecoder.Decode(text, "12345678"u8));
        Assert.Equal("", MapDecoder.Decode(text, new byte[8]));
    }

    [Fact]
    public void AnyBytesAreDecoded()
    {
        Random random = new(4);
        byte[] bytes = new byte[208];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            Assert.Equal(33, Assert.IsType<StructValue>(MapDecoder.Decode(TestTypes.Get("struct everything"), bytes)).Count);
        }
    }

    private static void AssertPoint(int x, int y, object? value)
    {
        StructValue point = Assert.IsType<StructValue>(value);
        Assert.Equal(("struct point", x, y), (point.TypeName, point["x"], point["y"]));
        Assert.Equal($"x={x}, y={y}", point.ToString());
    }
}
