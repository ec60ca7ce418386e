using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The compiled programs beside the engine: bpf/ARCHITECTURE/NAME.bpf.o.</summary>
internal static class ObjectFile
{
    /// <summary>Reads one.</summary>
    /// <param name="name">The stem of its source.</param>
    /// <exception cref="EbpfException">It is not there.</exception>
    public static byte[] Read(string name)
    {
        string path = PathOf(name);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (IOException error)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidObject,
                $"The eBPF object of '{name}' can't be read from '{path}'.",
                "The module's folder is not complete: build or copy it again.",
                target: path,
                innerException: error);
        }
    }

    private static string PathOf(string name) => Path.Combine(
        EngineFolder.FullPath,
        "bpf",
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        name + ".bpf.o");
}
