namespace EbpfPs.Interop;

/// <summary>Where the engine's other files are.</summary>
internal static class EngineFolder
{
    /// <summary>The folder with bpf/ and runtimes/: the engine's own, or the one above its runtimes/RID/lib.</summary>
    public static string FullPath { get; } = Find();

    private static string Find()
    {
        string own = Path.GetDirectoryName(typeof(EngineFolder).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        string above = Path.GetFullPath(Path.Combine(own, "..", "..", ".."));
        return !Directory.Exists(Path.Combine(own, "bpf")) && Directory.Exists(Path.Combine(above, "bpf")) ? above : own;
    }
}
