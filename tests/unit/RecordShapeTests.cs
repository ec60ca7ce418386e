using System.Numerics;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Types of records that no honest object has, or few: each is shown, or refused with a reason.</summary>
public sealed class RecordShapeTests
{
    private static readonly BtfInteger _number = new("unsigned int", 4, IsSigned: false, IsBool: false, IsChar: false, 0, 32);
    private static readonly BtfInteger _letter = new("char", 1, IsSigned: true, IsBool: false, IsChar: true, 0, 8);

    [Fact]
    public void AThousandMembersAreShownAndNoMore()
    {
        BtfStruct thousand = Numbers(1000);
        byte[] bytes = new byte[4000];
        bytes[^4] = 7;

        Assert.Equal(("_999", 7u), Decode(thousand, bytes)[^1]);
        AssertRefused(Numbers(1001), "more than 1000 members");
    }

    [Fact]
    public void StructsWithinStructsDoNotTakeAges()
    {
        BtfStruct nothing = new("struct none", 0, []);
        BtfStruct deep = Enumerable.Range(0, 30).Aggregate(nothing, (inner, i) =>
            new BtfStruct($"struct s{i}", 0, [new BtfField("a", 0, 0, inner), new BtfField("b", 0, 0, inner)]));
        AssertRefused(deep, "more than 1000 members");

        BtfStruct wide = Enumerable.Range(0, 5).Aggregate(Numbers(100), (inner, i) =>
            new BtfStruct($"struct w{i}", inner.Size * 10, Enumerable.Range(0, 10).Select(at => new BtfField($"a{at}", at * inner.Size * 8, 0, new BtfArray("x", inner, 1))).ToArray()));
        AssertRefused(wide, "the arrays in it");
    }

    [Fact]
    public void NamesThatWouldDriveATerminalDoNot()
    {
        BtfStruct type = new("struct event", 8, [new BtfField("a\u001b[2J", 0, 0, _number), new BtfField("b.c\n", 32, 0, _number)]);

        Assert.Equal(["a__2J", "b_c_"], Decode(type, new byte[8]).Select(pair => pair.Name));
    }

    [Fact]
    public void MembersOfOneNameKeepApart()
    {
        string[] names = ["a", "A", "a_2", "ToString", "tostring_", "ts", "tsNs"];
        BtfInteger time = new("u64", 8, IsSigned: false, IsBool: false, IsChar: false, 0, 64);
        BtfStruct type = new("struct event", 56, names.Select((name, i) => new BtfField(name, i * 64, 0, time)).ToArray());
        RecordShape shape = RecordShape.Of(type, "unit", new Dictionary<string, FieldMeaning> { ["ts"] = FieldMeaning.Monotonic });

        Assert.Equal(["a", "A_3", "a_2", "ToString_", "tostring__2", "ts", "tsNs_2", "tsNs"], shape.Decode(new byte[56], new RecordContext()).Values().Select(pair => pair.Name));
    }

    [Fact]
    public void ADefinitionThatChangedIsAnotherType()
    {
        BtfStruct before = new("struct event", 4, [new BtfField("value", 0, 0, _number with { Text = "value_t" })]);
        BtfStruct after = new("struct event", 4, [new BtfField("value", 0, 0, _number with { Text = "value_t", IsSigned = true })]);
        byte[] bytes = [0xff, 0xff, 0xff, 0xff];

        Assert.Equal((uint.MaxValue, -1), (Decode(before, bytes)[0].Value, Decode(after, bytes)[0].Value));
    }

    [Theory]
    [InlineData(true, "-1")]
    [InlineData(false, "18446744073709551615")]
    public void WideEnumerationsKeepTheirSign(bool signed, string number)
    {
        BtfEnum names = new("enum wide", 8, signed, new Dictionary<long, string> { [-1] = "LAST", [1L << 40] = "HIGH", [3] = "value__" });
        BtfStruct type = new("struct event", 16, [new BtfField("one", 0, 0, names), new BtfField("two", 64, 0, names)]);
        byte[] bytes = new byte[16];
        bytes.AsSpan(0, 8).Fill(0xff);
        bytes[13] = 1;

        (string Name, object? Value)[] values = Decode(type, bytes);
        Assert.Equal(("LAST", "HIGH"), (values[0].Value!.ToString(), values[1].Value!.ToString()));
        Assert.Equal(number, ((Enum)values[0].Value!).ToString("D"));
    }

    [Fact]
    public void BitFieldsMayLieAcrossAnyBytes()
    {
        BtfInteger wide = new("unsigned __int128", 16, IsSigned: false, IsBool: false, IsChar: false, 0, 128);
        BtfStruct type = new("struct event", 24, [
            new BtfField("low", 0, 3, _number),
            new BtfField("whole", 3, 128, wide),
            new BtfField("negative", 131, 60, new BtfInteger("long", 8, IsSigned: true, IsBool: false, IsChar: false, 0, 64)),
            new BtfField("last", 191, 1, _number)]);
        byte[] bytes = new byte[24];
        bytes.AsSpan(0, 16).Fill(0xff);
        bytes[16] = 0b0000_0111;
        bytes[23] = 0b1100_0000;

        Assert.Equal([7u, (BigInteger)UInt128.MaxValue, -(1L << 59), 1u], Decode(type, bytes).Select(pair => pair.Value));
    }

    [Fact]
    public void ARecordEndsWithinTheLastArrayOnly()
    {
        BtfArray text = new("char[8]", _letter, 8);
        BtfStruct open = new("struct event", 12, [new BtfField("pid", 0, 0, _number), new BtfField("comm", 32, 0, text)]);
        BtfStruct inUnion = new("struct event", 12, [
            new BtfField("pid", 0, 0, _number),
            new BtfField("", 32, 0, new BtfStruct("union", 8, [new BtfField("part", 0, 0, new BtfStruct("struct", 8, [new BtfField("text", 0, 0, text)])), new BtfField("all", 0, 0, new BtfInteger("u64", 8, IsSigned: false, IsBool: false, IsChar: false, 0, 64))]))]);

        Assert.Equal(4, RecordShape.Of(open, "unit", new Dictionary<string, FieldMeaning>()).Size);
        Assert.Equal("ab", Decode(open, [1, 0, 0, 0, (byte)'a', (byte)'b'])[1].Value);
        Assert.Equal(12, RecordShape.Of(inUnion, "unit", new Dictionary<string, FieldMeaning>()).Size);
    }

    private static BtfStruct Numbers(int count) =>
        new("struct many", count * 4, Enumerable.Range(0, count).Select(i => new BtfField($"_{i}", i * 32, 0, _number)).ToArray());

    private static (string Name, object? Value)[] Decode(BtfStruct type, byte[] bytes) =>
        RecordShape.Of(type, "unit", new Dictionary<string, FieldMeaning>()).Decode(bytes, new RecordContext()).Values().ToArray();

    private static void AssertRefused(BtfStruct type, string why)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => RecordShape.Of(type, "unit", new Dictionary<string, FieldMeaning>()));
        Assert.Equal(EbpfErrorId.InvalidObject, error.Id);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
