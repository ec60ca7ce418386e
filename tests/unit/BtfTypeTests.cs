using System.Buffers.Binary;
using System.Text;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

public sealed class BtfTypeTests
{
    [Fact]
    public void EveryMemberHasItsTypeAsCWritesIt()
    {
        BtfStruct everything = Assert.IsType<BtfStruct>(TestTypes.Get("struct everything"));

        Assert.Equal(208, everything.Size);
        Assert.Equal(
            [
                "flag _Bool", "tiny signed char", "small unsigned char", "medium short", "port unsigned short", "number int",
                "count unsigned int", "large long", "huge unsigned long", "wide __int128", "widest unsigned __int128",
                "ratio float", "precise double", "text char[8]", "data byte_of_data[4]", "colour enum colour",
                "unnamed enum colour", "level enum level", "address void *", "pointer const struct point *",
                "nested struct point", "corners struct point[2]", "matrix int[2][3]", "palette enum colour[2]",
                "low_bits unsigned int", "signed_bits int", "colour_bits enum colour", "far_bits unsigned long",
                " union", " struct", "named union",
            ],
            everything.Fields.Select(field => $"{field.Name} {field.Type}"));
        Assert.Equal([3, 5, 3, 40], everything.Fields.Where(field => field.Bits > 0).Select(field => field.Bits));
    }

    [Fact]
    public void NumbersKnowTheirSign()
    {
        Assert.Equal(new BtfInteger("char", 1, IsSigned: true, IsBool: false, IsChar: true, 0, 8), TestTypes.Get("char"));
        Assert.Equal(new BtfInteger("_Bool", 1, IsSigned: false, IsBool: true, IsChar: false, 0, 8), TestTypes.Get("_Bool"));
        Assert.Equal(new BtfInteger("u64", 8, IsSigned: false, IsBool: false, IsChar: false, 0, 64), TestTypes.Get("u64"));
        Assert.Equal(new BtfInteger("__int128", 16, IsSigned: true, IsBool: false, IsChar: false, 0, 128), TestTypes.Get("__int128"));
    }

    [Fact]
    public void ASectionIsAStructOfItsVariables()
    {
        BtfStruct section = Assert.IsType<BtfStruct>(TestTypes.Get(".rodata"));

        Assert.Equal([("knob", 0)], section.Fields.Select(field => (field.Name, field.BitOffset)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WideEnumerationsHaveTheirNames(bool signed)
    {
        Btf btf = Handmade(Type("size", 19, 2, 8, signed), Word(Text("SMALL")), Word(3), Word(0), Word(Text("LARGE")), Word(-1), Word(-1));

        BtfEnum found = Assert.IsType<BtfEnum>(btf.TypeOf(1));
        Assert.Equal((8, signed), (found.Size, found.IsSigned));
        Assert.Equal("SMALL", found.Names[3]);
        Assert.Equal("LARGE", found.Names[-1]);
    }

    [Fact]
    public void OldCompilersPutABitFieldIntoItsType()
    {
        // struct { unsigned : 5 at bit 3 } as an int of 5 bits at an offset of 3.
        Btf btf = Handmade(
            Type("", 1, 0, 4), Word((3 << 16) | 5),
            Type("size", 4, 1, 4), Word(Text("SMALL")), Word(1), Word(0));

        BtfStruct found = Assert.IsType<BtfStruct>(btf.TypeOf(2));
        object value = Assert.Single(Assert.IsType<Probes.StructValue>(Probes.MapDecoder.Decode(found, new byte[] { 0b1010_1111, 0xff, 0, 0 }))).Value;
        Assert.Equal(0b10101u, value);
    }

    [Fact]
    public void ATypeThatHoldsItselfIsRefused()
    {
        // struct { itself } and a typedef of itself.
        Btf members = Handmade(Type("size", 4, 1, 4), Word(Text("SMALL")), Word(1), Word(0));
        Btf names = Handmade(Type("size", 8, 0, 1));

        AssertRefused(members, 1);
        AssertRefused(names, 1);
    }

    [Fact]
    public void MembersBeyondTheEndAreRefused()
    {
        Btf btf = Handmade(
            Type("", 1, 0, 4), Word(32),
            Type("size", 4, 1, 4), Word(Text("SMALL")), Word(1), Word(8));

        AssertRefused(btf, 2);
    }

    [Fact]
    public void ArraysThatAreTooLargeAreRefused()
    {
        Btf btf = Handmade(Type("", 1, 0, 8), Word(64), Type("", 3, 0, 0), Word(1), Word(1), Word(int.MaxValue));

        AssertRefused(btf, 2);
    }

    [Fact]
    public void BitsBeyondTheEndAreRefused()
    {
        Btf members = Handmade(
            Type("", 1, 0, 4), Word(32),
            Type("size", 4, 1, 4, flag: true), Word(Text("SMALL")), Word(1), Word((8 << 24) | 31));
        Btf numbers = Handmade(Type("", 1, 0, 4), Word((8 << 16) | 32));
        Btf nothings = Handmade(Type("", 3, 0, 0), Word(0), Word(0), Word(5000));

        AssertRefused(members, 2);
        AssertRefused(numbers, 1);
        AssertRefused(nothings, 1);
    }

    [Theory]
    [InlineData(-5, true)]
    [InlineData(int.MinValue, false)]
    public void ValuesTellTheSignWhereTheCompilerDoesNot(int value, bool signed)
    {
        Btf btf = Handmade(Type("size", 6, 1, 4), Word(Text("SMALL")), Word(value));

        BtfEnum found = Assert.IsType<BtfEnum>(btf.TypeOf(1));
        Assert.Equal((signed, signed ? value : (uint)value), (found.IsSigned, Assert.Single(found.Names).Key));
    }

    [Fact]
    public void WhatWouldLeadAReaderAstrayIsRefused()
    {
        Btf[] damaged =
        [
            Handmade(Type("size", 8, 0, 1)), // a typedef of itself
            Handmade(Type("", 10, 0, 2), Type("", 9, 0, 1)), // const volatile const ...
            Handmade(Type("", 2, 0, 99)), // a pointer to nothing
            Handmade(Type("size", 15, 1, 4), Word(1), Word(0), Word(4)), // a section of no variables
            Handmade(Type("size", 12, 0, 1)), // a function whose prototype is itself
            Handmade(Type("", 3, 0, 0), Word(1), Word(1), Word(1)), // an array of itself
            Handmade(Type("size", 4, 1, 4), Word(0), Word(1), Word(0)), // a struct in itself
            Handmade(Type("", 25, 0, 0)), // no known kind
        ];

        Assert.All(damaged, types => Assert.Equal(EbpfErrorId.InvalidObject, Assert.Throws<EbpfException>(types.Check).Id));
        Handmade(Type("", 1, 0, 4), Word(32), Type("size", 8, 0, 1), Type("", 2, 0, 2)).Check();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void NumbersOfNoTypeAreRefused(int id) => AssertRefused(Handmade(), id);

    [Fact]
    public void RandomMutationsAnswerOrAreRefused()
    {
        byte[] raw = BuiltObjects.RawBtf(BuiltObjects.ReadOwn("maps"));
        Random random = new(15);
        int answered = 0;
        int refused = 0;
        for (int i = 0; i < 3_000; i++)
        {
            byte[] mutant = [.. raw];
            for (int changes = random.Next(1, 8); changes > 0; changes--)
            {
                BinaryPrimitives.WriteInt32LittleEndian(mutant.AsSpan(random.Next(24, 3000) & ~3), random.Next(4) == 0 ? random.Next() : random.Next(120));
            }

            try
            {
                Btf btf = Btf.Parse(mutant);
                for (int id = 1; id < 100; id++)
                {
                    _ = btf.TypeOf(id).ToString();
                }

                answered++;
            }
            catch (EbpfException error)
            {
                Assert.Equal(EbpfErrorId.InvalidObject, error.Id);
                refused++;
            }
        }

        Assert.True(answered > 100, $"only {answered} were answered");
        Assert.True(refused > 100, $"only {refused} were refused");
    }

    private static void AssertRefused(Btf btf, int id) =>
        Assert.Equal(EbpfErrorId.InvalidObject, Assert.Throws<EbpfException>(() => btf.TypeOf(id)).Id);

    /// <summary>The raw format around hand-made types; the strings are those that <see cref="Text"/> knows.</summary>
    private static Btf Handmade(params byte[][] types)
    {
        byte[] body = types.SelectMany(bytes => bytes).ToArray();
        byte[] strings = Encoding.ASCII.GetBytes(Strings);
        byte[] header = [0x9f, 0xeb, 1, 0, .. Word(24), .. Word(0), .. Word(body.Length), .. Word(body.Length), .. Word(strings.Length)];
        return Btf.Parse([.. header, .. body, .. strings]);
    }

    private const string Strings = "\0size\0SMALL\0LARGE\0";

    private static int Text(string text) => text.Length == 0 ? 0 : Strings.IndexOf(text, StringComparison.Ordinal);

    private static byte[] Type(string name, int kind, int length, int size, bool flag = false) =>
        [.. Word(Text(name)), .. Word((kind << 24) | length | (flag ? 1 << 31 : 0)), .. Word(size)];

    private static byte[] Word(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
