using System.Globalization;
using System.Text;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The processes in /proc, read one by one as they are asked for.</summary>
internal static class LiveProcesses
{
    /// <summary>Numbers and names, as the kernel has them.</summary>
    public static IEnumerable<(int Id, string Name)> All()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Read(Path.Combine(folder, "comm")) is byte[] name)
            {
                yield return (id, KernelText.FromBytes(CommFile.Comm(name)));
            }
        }
    }

    /// <summary>A process's command line, safe to show; its name in brackets where it has none.</summary>
    public static string CommandLine(int id, string name)
    {
        byte[]? arguments = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline"));
        return arguments is { Length: > 0 }
            ? TerminalText.Escape(Encoding.UTF8.GetString(arguments).TrimEnd('\0').Replace('\0', ' '))
            : $"[{TerminalText.Escape(name)}]";
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is hidden from this user.
            return null;
        }
    }
}
