using System.Globalization;
using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>Where code of this process lies on disk.</summary>
/// <param name="Path">The file it was mapped from.</param>
/// <param name="Offset">Bytes from the file's start, as a uprobe wants it.</param>
internal sealed record LoadedCode(string Path, ulong Offset)
{
    /// <summary>Finds a function of libbpf, which is loaded if it isn't yet.</summary>
    /// <returns>The place, or null when the file has gone.</returns>
    /// <exception cref="EbpfException">libbpf can't be loaded.</exception>
    public static LoadedCode? OfLibBpf(string function) =>
        Find((ulong)NativeLibrary.GetExport(NativeLibraries.Handle(), function), File.ReadLines("/proc/self/maps"));

    /// <summary>Finds an address in the lines of a maps file: proc_pid_maps(5).</summary>
    public static LoadedCode? Find(ulong address, IEnumerable<string> maps)
    {
        foreach (string line in maps)
        {
            // 7f00c0de1000-7f00c0de5000 r-xp 00001000 fe:00 1234   /usr/lib/libbpf.so.1.1.2
            string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            int hyphen = fields[0].IndexOf('-', StringComparison.Ordinal);
            ulong start = Hex(fields[0].AsSpan(0, hyphen));
            if (address >= start && address < Hex(fields[0].AsSpan(hyphen + 1)))
            {
                return fields.Length == 6 && File.Exists(fields[5])
                    ? new LoadedCode(fields[5], address - start + Hex(fields[2]))
                    : null;
            }
        }

        return null;
    }

    private static ulong Hex(ReadOnlySpan<char> text) =>
        ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
