using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The kernel's own types, which CO-RE and the BTF tracepoints stand on.</summary>
internal static class KernelBtf
{
    /// <summary>Where Linux 5.4 and newer offer them (CONFIG_DEBUG_INFO_BTF).</summary>
    public const string Path = Folder + Kernel;

    /// <summary>What the kernel calls its own types, among those of its modules.</summary>
    public const string Kernel = "vmlinux";

    private const string Folder = "/sys/kernel/btf/";

    private static readonly Lazy<Btf> _own = new(static () => Btf.Parse(Bytes(Kernel)), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>What to do when they are missing.</summary>
    public const string Remedy =
        "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y (Debian 11, Ubuntu 20.10, RHEL 8.2, Fedora 31 and newer have it). In a container, let it see the host's /sys/kernel/btf (docker: -v /sys/kernel/btf:/sys/kernel/btf:ro).";

    /// <summary>What is said when they are missing.</summary>
    public const string Missing = $"The kernel's type information (BTF) is missing: there is no {Path}.";

    /// <summary>Whether libbpf finds them, there or where debug packages put them.</summary>
    public static bool IsReadable
    {
        get
        {
            if (File.Exists(Path))
            {
                return true;
            }

            nint btf = LibBpf.btf__load_vmlinux_btf();
            LibBpfLog.Take();
            if (btf != 0)
            {
                LibBpf.btf__free(btf);
            }

            return btf != 0;
        }
    }

    /// <summary>The modules that have types of their own.</summary>
    public static IEnumerable<string> Modules => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder).Select(System.IO.Path.GetFileName).OfType<string>().Where(name => name != Kernel).Order(StringComparer.Ordinal)
        : [];

    /// <summary>The kernel's own types, or those of a module, which stand on the kernel's.</summary>
    /// <param name="name">The module; <see cref="Kernel"/> for the kernel.</param>
    /// <exception cref="EbpfException">The kernel has no such types.</exception>
    public static Btf Read(string name) => name == Kernel ? _own.Value : Btf.Parse(Bytes(name), _own.Value);

    private static byte[] Bytes(string name)
    {
        try
        {
            return File.ReadAllBytes(Folder + name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw name == Kernel
                ? new EbpfException(EbpfErrorId.NotSupported, Missing, Remedy, target: Path, innerException: error)
                : new EbpfException(
                    EbpfErrorId.NotFound,
                    $"The kernel has no type information of a module '{name}'.",
                    $"{Folder} has a file for each module that has some.",
                    target: name,
                    innerException: error);
        }
    }

    /// <summary>Those of some names that structs of the kernel have; none where its types can't be read.</summary>
    public static IReadOnlySet<string> StructsAmong(IReadOnlyCollection<string> names) =>
        names.Count == 0 || !File.Exists(Path) ? new HashSet<string>() : _own.Value.StructsAmong(names);
}
