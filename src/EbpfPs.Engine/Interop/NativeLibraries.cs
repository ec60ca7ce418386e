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

    private static readonly string[] _bundledFirst = ["libzstd.so.1", "libz.so.1", "libelf.so.1"];
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
    private static nint Handle()
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

        string folder = BundledFolder;
        string bundled = Path.Combine(folder, "libbpf.so.1");
        if (File.Exists(bundled))
        {
            foreach (string file in _bundledFirst.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                NativeLibrary.TryLoad(file, out _);
            }

            if (NativeLibrary.TryLoad(bundled, out nint handle))
            {
                return Loaded(bundled, handle);
            }
        }

        return NativeLibrary.TryLoad("libbpf.so.1", out nint system)
            ? Loaded("libbpf.so.1", system)
            : throw Missing("libbpf 1.0 or newer could not be loaded.", "libbpf.so.1");
    }

    /// <summary>The folder of bundled libraries for this architecture.</summary>
    internal static string BundledFolder => Path.Combine(
        Path.GetDirectoryName(typeof(NativeLibraries).Assembly.Location) ?? AppContext.BaseDirectory,
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
        "Install it (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf), or unset " + Override + ".",
        target: target);
}
