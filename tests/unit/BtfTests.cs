using System.Buffers.Binary;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

public sealed class BtfTests
{
    [Fact]
    public void FindsAVariableWhereTheCompilerPutIt()
    {
        using OpenedBpfObject obj = BuiltObjects.Open("x64", "exec");

        BtfVariable found = obj.Btf.FindVariable("names_accept")!;
        Assert.Equal((".rodata", 2048), (found.Section, found.Size));
        Assert.InRange(found.Offset, 0, 65536);
        Assert.Null(obj.Btf.FindVariable("no_such_variable"));
        Assert.Null(obj.Btf.FindStruct("no_such_struct"));
    }

    [Fact]
    public void ParsesWhatTheObjectHas()
    {
        byte[] raw = BuiltObjects.RawBtf(BuiltObjects.Read("x64", "exec"));

        Assert.Equal(112, Btf.Parse(raw).FindStruct("exec_event")!.Value.Size);
    }

    [Fact]
    public void CutAtEachOffsetIsRefused()
    {
        byte[] raw = BuiltObjects.RawBtf(BuiltObjects.Read("x64", "exec"));
        for (int length = 0; length < raw.Length; length += length < 64 ? 1 : 13)
        {
            AssertRefused(raw[..length]);
        }
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x9f })]
    [InlineData(new byte[] { 0x9f, 0xeb })]
    [InlineData(new byte[] { 0xeb, 0x9f, 1, 0, 24, 0, 0, 0 })]
    [InlineData(new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void OtherBytesAreRefused(byte[] bytes) => AssertRefused(bytes);

    [Fact]
    public void RandomMutationsAnswerOrAreRefused()
    {
        byte[] raw = BuiltObjects.RawBtf(BuiltObjects.Read("x64", "exec"));
        Random random = new(8);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutant = [.. raw];
            for (int changes = random.Next(1, 20); changes > 0; changes--)
            {
                // Half of them into the header and the first types, where they hurt most.
                int at = random.Next(random.Next(2) == 0 ? 200 : mutant.Length - 4);
                BinaryPrimitives.WriteInt32LittleEndian(
                    mutant.AsSpan(at),
                    random.Next(3) switch { 0 => -1, 1 => int.MaxValue, _ => random.Next() });
            }

            try
            {
                Btf btf = Btf.Parse(mutant);
                _ = btf.FindStruct("exec_event");
                _ = btf.FindVariable("names_final");
                _ = btf.FindVariable("no_such_variable");
            }
            catch (EbpfException error)
            {
                Assert.Equal(EbpfErrorId.InvalidObject, error.Id);
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 19_999);
    }

    [Fact]
    public void ACorruptObjectIsRefused()
    {
        byte[] image = BuiltObjects.Read("x64", "exec");

        foreach (byte[] corrupt in new byte[][] { [], [1, 2, 3], image[..100], image[..(image.Length / 2)], new byte[4096] })
        {
            EbpfException error = Assert.Throws<EbpfException>(() => OpenedBpfObject.Open("corrupt", corrupt).Dispose());
            Assert.Equal("corrupt", error.Target);
            Assert.Contains("'corrupt'", error.Message, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(byte[] bytes)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => Btf.Parse(bytes));
        Assert.Equal(EbpfErrorId.InvalidObject, error.Id);
    }
}
