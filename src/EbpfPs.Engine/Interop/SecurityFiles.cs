using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>
/// What securityfs says of the kernel's policies. Where it is not mounted (a container, a small virtual machine), a
/// mount that is part of no tree is made for the time of reading: fsopen(2) and fsmount(2), Linux 5.2; it needs CAP_SYS_ADMIN.
/// </summary>
internal static class SecurityFiles
{
    private const string MountPoint = "/sys/kernel/security";

    /// <summary>The lockdown mode in force, kernel_lockdown(7): none, integrity or confidentiality; null where nothing tells.</summary>
    public static string? Lockdown()
    {
        string? modes = Read("lockdown");
        return modes is null ? null : Bracketed(modes);
    }

    /// <summary>The security modules in force, in their order; null where nothing tells.</summary>
    public static string[]? Modules() =>
        Read("lsm")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The choice of a list such as <c>none [integrity] confidentiality</c>.</summary>
    internal static string? Bracketed(string choices)
    {
        int open = choices.IndexOf('[', StringComparison.Ordinal);
        int close = choices.IndexOf(']', StringComparison.Ordinal);
        return open >= 0 && close > open ? choices[(open + 1)..close] : null;
    }

    private static string? Read(string name) => KernelSetting.ReadText(Path.Combine(MountPoint, name)) ?? ReadDetached(name);

    private static string? ReadDetached(string name)
    {
        nint context = LibC.syscall(LibC.SYS_fsopen, "securityfs", LibC.FSOPEN_CLOEXEC);
        if (context < 0)
        {
            return null;
        }

        nint mount = -1;
        try
        {
            if (LibC.syscall(LibC.SYS_fsconfig, context, LibC.FSCONFIG_CMD_CREATE, 0, 0, 0) == 0)
            {
                mount = LibC.syscall(LibC.SYS_fsmount, context, LibC.FSMOUNT_CLOEXEC, 0, 0, 0);
            }

            return mount < 0 ? null : KernelSetting.ReadText($"/proc/self/fd/{mount}/{name}");
        }
        finally
        {
            if (mount >= 0)
            {
                _ = LibC.close((int)mount);
            }

            _ = LibC.close((int)context);
        }
    }
}
