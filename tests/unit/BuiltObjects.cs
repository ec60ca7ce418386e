using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>The objects that the build made, of every architecture: opening one needs no privilege.</summary>
internal static class BuiltObjects
{
    public static byte[] Read(string architecture, string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "bpf", architecture, name + ".bpf.o"));

    public static OpenedBpfObject Open(string architecture, string name) => OpenedBpfObject.Open(name, Read(architecture, name));
}
