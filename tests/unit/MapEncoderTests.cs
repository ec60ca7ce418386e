using System.Numerics;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Values into bytes by the types of tests/objects/maps.bpf.c; what comes back is what the decoder makes of them.</summary>
public sealed class MapEncoderTests
{
    [Fact]
    public void WhatTheDecoderGivesGoesBackIntoTheSameBytes()
    {
        BtfType type = TestTypes.Get("struct everything");
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            byte[] bytes = new byte[type.Size];
            random.NextBytes(bytes);
            object first = MapDecoder.Decode(type, bytes);

            // Members of one union would overwrite each other, and a bool is one of two bytes.
            StructValue value = Assert.IsType<StructValue>(first);
            Dictionary<string, object> given = value
                .Where(member => member.Key is not ("halves" or "named" or "ratio" or "precise" or "text"))
                .ToDictionary(member => member.Key, member => member.Value);
            byte[] made = new byte[type.Size];
            MapEncoder.Encode(type, given, made, "value");

            StructValue second = Assert.IsType<StructValue>(MapDecoder.Decode(type, made));
            foreach ((string name, object member) in given)
            {
                Assert.Equal(Text(member), Text(second[name]!));
            }
        }
    }

    [Theory]
    [InlineData("u8", 256, "is not within 0 and 255 (u8)")]
    [InlineData("u8", -1, "is not within 0 and 255")]
    [InlineData("s32", 2147483648L, "is not within -2147483648 and 2147483647")]
    [InlineData("u64", -1, "is not within 0 and 18446744073709551615")]
    [InlineData("u32", 1.5, "'1.5' is no whole number")]
    [InlineData("u32", "many", "'many' is no whole number")]
    [InlineData("u32", null, "nothing is no whole number")]
    [InlineData("_Bool", 2, "neither true nor false")]
    [InlineData("enum colour", "PINK", "enum colour has no 'PINK'")]
    [InlineData("char[8]", "much too long", "13 bytes don't go into 8")]
    [InlineData("struct point", 5, "5 is no struct point")]
    public void WhatDoesNotFitIsRefused(string type, object? value, string reason)
    {
        BtfType target = TestTypes.Get(type);
        EbpfException error = Assert.Throws<EbpfException>(() => MapEncoder.Encode(target, value, new byte[target.Size], "value"));

        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.StartsWith("The value can't be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason.Replace("'1.5'", "1.5", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABitFieldHasItsOwnRange()
    {
        BtfType type = TestTypes.Get("struct everything");
        foreach ((string name, object good, object bad) in new (string, object, object)[] { ("low_bits", 7, 8), ("signed_bits", -16, 16), ("far_bits", (1L << 40) - 1, 1L << 40) })
        {
            byte[] bytes = new byte[type.Size];
            MapEncoder.Encode(type, new Dictionary<string, object> { [name] = good }, bytes, "value");
            Assert.Equal(Convert.ToString(good), Convert.ToString(((StructValue)MapDecoder.Decode(type, bytes))[name]));
            EbpfException error = Assert.Throws<EbpfException>(() => MapEncoder.Encode(type, new Dictionary<string, object> { [name] = bad }, bytes, "value"));
            Assert.StartsWith($"The value.{name} can't be used", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void OfAUnionOneMemberCanBeGiven()
    {
        BtfType type = TestTypes.Get("struct everything");
        byte[] bytes = new byte[type.Size];
        MapEncoder.Encode(type, new Dictionary<string, object> { ["whole"] = 0x20001, ["first"] = 1, ["second"] = 2 }, bytes, "value");
        Assert.Equal(new ushort[] { 1, 2 }, ((StructValue)MapDecoder.Decode(type, bytes))["halves"]);

        Assert.Contains(
            "lies over another member",
            Assert.Throws<EbpfException>(() => MapEncoder.Encode(type, new Dictionary<string, object> { ["whole"] = 1, ["halves"] = new[] { 1, 2 } }, bytes, "value")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "only one can be given",
            Assert.Throws<EbpfException>(() => MapEncoder.Encode(type, new Dictionary<string, object> { ["named"] = new Dictionary<string, object> { ["a"] = 1, ["b"] = new byte[4] } }, bytes, "value")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "has no member 'nothing'",
            Assert.Throws<EbpfException>(() => MapEncoder.Encode(type, new Dictionary<string, object> { ["nothing"] = 1 }, bytes, "value")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void NumbersMayBeTextAndOfAnySize()
    {
        Assert.Equal([0xff, 0, 0, 0], Encode("u32", "0xff"));
        Assert.Equal([0xfe, 0xff, 0xff, 0xff], Encode("s32", "-2"));
        Assert.Equal([5, 0, 0, 0], Encode("enum colour", "GREEN"));
        Assert.Equal([6, 0, 0, 0], Encode("enum colour", 6));
        Assert.Equal([1], Encode("_Bool", true));
        Assert.Equal([.. Enumerable.Repeat((byte)0xff, 16)], Encode("unsigned __int128", (BigInteger.One << 128) - 1));
        Assert.Equal("hi\0\0\0\0\0\0"u8.ToArray(), Encode("char[8]", "hi"));
        Assert.Equal([10, 0, 0, 1], Encode("byte_of_data[4]", "10.0.0.1"));
        Assert.Equal([3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], Encode("struct point", new Dictionary<string, object> { ["x"] = 3, ["y"] = -2 }));
    }

    private static byte[] Encode(string type, object value)
    {
        BtfType target = TestTypes.Get(type);
        byte[] bytes = new byte[target.Size];
        MapEncoder.Encode(target, value, bytes, "value");
        return bytes;
    }

    private static string Text(object value) => value switch
    {
        Array list => string.Join(' ', list.Cast<object>().Select(Text)),
        _ => value.ToString()!,
    };
}
