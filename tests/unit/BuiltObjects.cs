using System.Buffers.Binary;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>The objects that the build made, of every architecture: opening one needs no privilege.</summary>
internal static class BuiltObjects
{
    public static byte[] Read(string architecture, string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "bpf", architecture, name + ".bpf.o"));

    /// <summary>An object of the tests' own: tests/objects.</summary>
    public static byte[] ReadOwn(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", name + ".bpf.o"));

    /// <summary>The .BTF section of an object: it begins with its magic and says how long it is.</summary>
    public static byte[] RawBtf(byte[] image)
    {
        ReadOnlySpan<byte> start = [0x9f, 0xeb, 1, 0, 24, 0, 0, 0];
        int at = image.AsSpan().IndexOf(start);
        int strings = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at + 16));
        int length = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at + 20));
        return image.AsSpan(at, 24 + strings + length).ToArray();
    }

    public static OpenedBpfObject Open(string architecture, string name) => OpenedBpfObject.Open(name, Read(architecture, name));
}
