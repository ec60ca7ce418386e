using System.Buffers.Binary;
using System.Numerics;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Copies of <c>struct statistics</c> of tests/objects/maps.bpf.c, and the one value that they become.</summary>
public sealed class PerCpuSumTests
{
    private static readonly BtfType _type = TestTypes.Get("struct statistics");

    [Fact]
    public void EachMemberComesTogetherInItsWay()
    {
        StructValue sum = Combine(Copy(1, 100, 200), new byte[144], Copy(2, 50, 300));

        Assert.Equal(3UL, sum["count"]);
        Assert.Equal(50UL, sum["minimum"]);
        Assert.Equal(300UL, sum["maximum"]);
        Assert.Equal(4_000_000_001UL + 4_000_000_002UL, sum["small"]);
        Assert.Equal(-3L, sum["balance"]);
        Assert.Equal(50UL, sum["min"]);
        Assert.Equal(300L, sum["max"]);
        Assert.Equal(true, sum["any"]);
        Assert.Equal("GREEN", sum["colour"]);
        Assert.Equal("one", sum["text"]);
        Assert.Equal(new ulong[] { 3, 30, 0, 0 }, sum["slots"]);
        Assert.Equal(new long[] { -3, 3 }, sum["parts"]);
        StructValue nested = Assert.IsType<StructValue>(sum["nested"]);
        Assert.Equal((3L, -3L), (nested["x"], nested["y"]));
        Assert.Equal(1.5, sum["sum"]);
        Assert.Equal(3UL, sum["bits"]);
        Assert.Equal(true, sum["flag_bit"]);
        Assert.Equal("BLUE", sum["colour_bits"]);
        Assert.Equal((BigInteger)(-3), sum["wide"]);
    }

    [Fact]
    public void ACopyOfZerosIsOfACpuThatSawNothing()
    {
        StructValue sum = Combine(new byte[144], Copy(2, 50, 300), new byte[144]);

        Assert.Equal((2UL, 50UL, 300UL), (sum["count"], sum["minimum"], sum["maximum"]));
    }

    [Fact]
    public void ZerosOnlyAreZero()
    {
        StructValue sum = Combine(new byte[144], new byte[144]);

        Assert.Equal((0UL, 0UL, 0UL), (sum["count"], sum["minimum"], sum["maximum"]));
        Assert.Equal(("RED", "", false), (sum["colour"], sum["text"], sum["any"]));
    }

    [Fact]
    public void OneCopyIsItself() => Assert.Equal((1UL, 100UL), (Combine(Copy(1, 100, 200))["count"], Combine(Copy(1, 100, 200))["minimum"]));

    [Fact]
    public void NumbersAddUpBeyondTheirOwnSize()
    {
        ReadOnlyMemory<byte>[] copies = [new byte[] { 255, 255, 255, 255 }, new byte[] { 2, 0, 0, 0 }];

        Assert.Equal(4_294_967_297UL, PerCpuSum.Combine(TestTypes.Get("u32"), copies));
        Assert.Equal(1L, PerCpuSum.Combine(TestTypes.Get("int"), copies));
    }

    [Fact]
    public void WithoutATypeTheFirstCopyThatIsNotZeroCounts()
    {
        ReadOnlyMemory<byte>[] copies = [new byte[3], new byte[] { 0, 7, 0 }, new byte[] { 1, 1, 1 }];

        Assert.Equal(new byte[] { 0, 7, 0 }, PerCpuSum.Combine(null, copies));
    }

    private static StructValue Combine(params byte[][] copies) =>
        Assert.IsType<StructValue>(PerCpuSum.Combine(_type, Array.ConvertAll(copies, copy => (ReadOnlyMemory<byte>)copy)));

    private static byte[] Copy(int number, ushort least, ushort most)
    {
        byte[] bytes = new byte[144];
        bytes[0] = (byte)number;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), least);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), most);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), 4_000_000_000 + (uint)number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), -number);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(32), least);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(34), most);
        bytes[36] = (byte)(number == 2 ? 1 : 0);
        bytes[40] = (byte)(number == 1 ? 0 : 5);
        (number == 1 ? "one"u8 : "two"u8).CopyTo(bytes.AsSpan(44));
        bytes[56] = (byte)number;
        bytes[64] = (byte)(number * 10);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(88), -number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(92), number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(96), number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(100), -number);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(104), number / 2.0);
        bytes[112] = (byte)(number | (number == 2 ? 0x10 | (7 << 5) : 0));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(128), -number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(136), -1);
        return bytes;
    }
}
