using System.Buffers.Binary;
using System.Text;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>A module's types, whose numbers and names go on where the kernel's end.</summary>
public sealed class SplitBtfTests
{
    [Fact]
    public void TypesAndNamesOfBothAreFound()
    {
        // Below: 1 int "int". Above: 2 struct "own" { int x; } whose member is a type of the kernel's.
        Btf below = Btf.Parse(Raw("\0int\0", [1, 1 << 24, 4, 1 << 24 | 32]));
        Btf module = Btf.Parse(Raw("own\0x\0", [5, 4 << 24 | 1, 4, 9, 1, 0]), below);

        Assert.Equal((2, 3, 2), (module.FirstOwn, module.Count, Assert.Single(module.Find("own"))));
        Assert.Equal(1, Assert.Single(module.Find("int")));
        Assert.Equal("struct own {\n\tint x;\n};", module.Define(2));
        Assert.Equal((4, 4), (module.SizeOf(2), below.SizeOf(1)));
        Assert.Empty(below.Find("own"));
    }

    private static byte[] Raw(string names, int[] types)
    {
        byte[] strings = Encoding.ASCII.GetBytes(names);
        int[] header = [0x0001eb9f, 24, 0, types.Length * 4, types.Length * 4, strings.Length];
        byte[] raw = new byte[(header.Length + types.Length) * 4];
        for (int i = 0; i < header.Length + types.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(i * 4), i < header.Length ? header[i] : types[i - header.Length]);
        }

        return [.. raw, .. strings];
    }
}
