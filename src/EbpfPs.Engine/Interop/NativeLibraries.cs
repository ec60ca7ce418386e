using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>
/// Finds libbpf at the first call into it: the file that <c>EBPFPS_LIBBPF</c> names, the copy beside the
/// engine, the system's. The bundled copy needs its own libelf and zlib; loading them by full path first puts
/// their sonames into the process, so that the loader finds them without a search path.
/// </summary>
internal static class NativeLibraries
{
    /// <summary>The name in every <c>LibraryImport</c> of libbpf.</summary>
    public const string LibBpf = "bpf";

    /// <summary>The environment variable that overrides where libbpf is loaded from.</summary>
    public const string Override = "EBPFPS_LIBBPF";

    private const string SystemName = "libbpf.so.1";

    /// <summary>The file beside the bundled libraries that names them, needed before needing (bundle-native.sh).</summary>
    private const string LoadOrder = "load-order";

    private static readonly object _lock = new();
    private static nint _libBpf;

    /// <summary>Where libbpf was loaded from; empty before the first call into it.</summary>
    public static string LoadedFrom { get; private set; } = "";

    /// <summary>Makes the engine's imports of libbpf come here; nothing is loaded yet.</summary>
    public static void Register() =>
        NativeLibrary.SetDllImportResolver(
            typeof(NativeLibraries).Assembly,
            static (name, _, _) => name == LibBpf ? Handle() : 0);

    /// <summary>Loads libbpf if that has not been done.</summary>
    /// <exception cref="EbpfException">It can't be loaded; the next call tries again.</exception>
    internal static nint Handle()
    {
        lock (_lock)
        {
            if (_libBpf == 0)
            {
                _libBpf = Load();
                LibBpfLog.Install();
            }

            return _libBpf;
        }
    }

    private static nint Load()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new EbpfException(
                EbpfErrorId.NotSupported,
                "eBPF is a part of the Linux kernel; this system runs another one.",
                "Run the command on Linux, for instance through PowerShell remoting over SSH.");
        }

        string? wanted = Environment.GetEnvironmentVariable(Override);
        if (!string.IsNullOrEmpty(wanted))
        {
            return NativeLibrary.TryLoad(wanted, out nint handle)
                ? Loaded(wanted, handle)
                : throw Missing($"libbpf could not be loaded from '{wanted}', which {Override} names.", wanted);
        }

        return LoadBundled(out string refused)
            ?? (NativeLibrary.TryLoad(SystemName, out nint system) ? Loaded(SystemName, system) : (nint?)null)
            ?? throw Missing($"libbpf 1.0 or newer could not be loaded.{refused}", SystemName);
    }

    /// <summary>
    /// Loads the copies beside the engine. A machine whose C library is older than the one they were built with
    /// refuses them; its own libbpf may do.
    /// </summary>
    /// <param name="refused">Why not, as a sentence with a blank before it; empty where there are no copies.</param>
    private static nint? LoadBundled(out string refused)
    {
        refused = "";
        string order = Path.Combine(BundledFolder, LoadOrder);
        if (!File.Exists(order))
        {
            return null;
        }

        try
        {
            nint last = 0;
            string path = "";
            foreach (string name in File.ReadLines(order))
            {
                path = Path.Combine(BundledFolder, name);
                last = NativeLibrary.Load(path);
            }

            return last == 0 ? null : Loaded(path, last);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or IOException)
        {
            // The runtime's message has advice first and the loader's own words last.
            refused = $" The copy beside the engine was refused: {error.Message.TrimEnd().Split('\n')[^1]}";
            return null;
        }
    }

    /// <summary>The folder of bundled libraries for this architecture.</summary>
    internal static string BundledFolder => Path.Combine(
        EngineFolder.FullPath,
        "runtimes",
        $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
        "native");

    private static nint Loaded(string from, nint handle)
    {
        LoadedFrom = from;
        return handle;
    }

    private static EbpfException Missing(string message, string target) => new(
        EbpfErrorId.LibraryMissing,
        message,
        "Install it (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf)"
            + (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Override)) ? "." : $", or unset {Override}."),
        target: target);
}
