using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>Numbers under /proc/sys.</summary>
internal static class KernelSetting
{
    /// <summary>Reads one; null where the kernel has no such setting or this user may not read it.</summary>
    public static int? Read(string path)
    {
        try
        {
            return int.Parse(File.ReadAllText(path), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The caller is told so.
            return null;
        }
    }
}
