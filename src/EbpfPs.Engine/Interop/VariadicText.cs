using System.Runtime.InteropServices;
using System.Text;

namespace EbpfPs.Interop;

/// <summary>Text that libbpf hands to a callback as printf's format and arguments.</summary>
internal static unsafe partial class VariadicText
{
    /// <summary>Adds it to a text.</summary>
    /// <param name="text">What it is added to.</param>
    /// <param name="format">The format.</param>
    /// <param name="arguments">
    /// A C va_list, used once. Both ABIs that are supported hand it over as a pointer: x86-64 because it is an array,
    /// AArch64 because it is a struct above 16 bytes.
    /// </param>
    /// <param name="startLength">Of a longer text this many bytes of the start are kept,</param>
    /// <param name="endLength">and so many of the end.</param>
    /// <returns>The length that it has, or a negative number.</returns>
    public static int Append(StringBuilder text, byte* format, nint arguments, int startLength, int endLength)
    {
        // SAFETY: libc allocates what the text takes, and tells how long it is.
        int length = vasprintf(out byte* formatted, format, arguments);
        if (length < 0)
        {
            return length;
        }

        try
        {
            if (length <= startLength + endLength)
            {
                text.Append(Encoding.UTF8.GetString(formatted, length));
            }
            else
            {
                text.Append(Encoding.UTF8.GetString(formatted, startLength)).Append("\n...\n");
                text.Append(Encoding.UTF8.GetString(formatted + length - endLength, endLength));
            }

            return length;
        }
        finally
        {
            free(formatted);
        }
    }

    [LibraryImport("libc")]
    private static partial int vasprintf(out byte* text, byte* format, nint arguments);

    [LibraryImport("libc")]
    private static partial void free(byte* memory);
}
