using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The kernel's own types, which CO-RE and the BTF tracepoints stand on.</summary>
internal static class KernelBtf
{
    /// <summary>Where Linux 5.4 and newer offer them (CONFIG_DEBUG_INFO_BTF).</summary>
    public const string Path = "/sys/kernel/btf/vmlinux";

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
}
