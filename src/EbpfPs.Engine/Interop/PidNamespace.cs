using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>This process's pid namespace (pid_namespaces(7)).</summary>
internal static class PidNamespace
{
    /// <summary>PROC_PID_INIT_INO of include/linux/proc_ns.h.</summary>
    private const uint First = 0xeffffffc;

    /// <summary>Its inode number.</summary>
    public static uint Inode { get; } = Read();

    /// <summary>Whether it is the machine's first one, whose numbers are the kernel's own.</summary>
    public static bool IsFirst => Inode == First;

    /// <summary>Reads <c>pid:[4026531836]</c>.</summary>
    private static uint Read()
    {
        string link = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
        return uint.Parse(link.AsSpan(5, link.Length - 6), CultureInfo.InvariantCulture);
    }
}
