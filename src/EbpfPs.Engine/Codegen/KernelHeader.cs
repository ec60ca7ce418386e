using EbpfPs.Interop;

namespace EbpfPs.Codegen;

/// <summary>
/// The kernel's types as a header, vmlinux.h. It is written from the running kernel's BTF once a boot, into the user's
/// cache folder ($XDG_CACHE_HOME or ~/.cache).
/// </summary>
internal static class KernelHeader
{
    private const string Name = "vmlinux.h";

    private const string Begin = """
        /* The types of the running kernel, from its BTF. */
        #ifndef __VMLINUX_H__
        #define __VMLINUX_H__

        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
        #endif


        """;

    private const string End = """

        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute pop
        #endif

        #endif

        """;

    /// <summary>The folder that has the header for this boot; it is written if need be.</summary>
    /// <exception cref="EbpfException">The kernel has no BTF, or the folder can't be written.</exception>
    public static string Folder()
    {
        string cache = Cache();
        string folder = Path.Combine(cache, "vmlinux-" + BootId());
        if (File.Exists(Path.Combine(folder, Name)))
        {
            return folder;
        }

        string text = Begin + TypeDump.OfKernel() + End;
        try
        {
            // For its owner alone, since root loads what it is compiled into.
            CreateOwn(cache);
            foreach (string old in Directory.EnumerateDirectories(cache, "vmlinux-*").Where(old => old != folder))
            {
                Directory.Delete(old, recursive: true);
            }

            CreateOwn(folder);
            string unfinished = Path.Combine(folder, Path.GetRandomFileName());
            File.WriteAllText(unfinished, text);
            File.Move(unfinished, Path.Combine(folder, Name), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EbpfException(
                EbpfErrorId.OperationFailed,
                $"Could not write the kernel's types to '{folder}': {error.Message}",
                "Set XDG_CACHE_HOME to a folder that can be written.",
                target: folder,
                innerException: error);
        }

        return folder;
    }

    private static void CreateOwn(string folder)
    {
        if (OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Cache()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(Path.IsPathRooted(cache) ? cache : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache"), "EbpfPs");
    }

    private static string BootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
