using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>Small files under /proc and /sys.</summary>
internal static class KernelSetting
{
    /// <summary>Reads a number; null where the kernel has no such setting or this user may not read it.</summary>
    public static int? Read(string path) =>
        ReadText(path) is string text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Reads a text without its last newline; null where there is none or this user may not read it.</summary>
    public static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The caller is told so.
            return null;
        }
    }
}
