using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EbpfPs.Interop;

/// <summary>
/// Collects what libbpf prints. It prints on the thread that called it, so each thread has its own text, which
/// the next failure on that thread takes along.
/// </summary>
internal static unsafe partial class LibBpfLog
{
    /// <summary>A verifier log can be megabytes; what matters stands at its end.</summary>
    private const int MaxLength = 16 * 1024 * 1024;

    private const int LevelDebug = 2;

    [ThreadStatic]
    private static StringBuilder? _text;

    /// <summary>Makes libbpf print here.</summary>
    public static void Install() => libbpf_set_print(&Print);

    /// <summary>Takes what this thread's calls have printed since it was last taken.</summary>
    public static string Take()
    {
        string text = _text?.ToString() ?? "";
        _text?.Clear();
        return text;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, nint arguments)
    {
        if (level >= LevelDebug)
        {
            return 0;
        }

        // SAFETY: arguments is a C va_list, used once. Both ABIs that are supported hand it over as a pointer: x86-64
        // because it is an array, AArch64 because it is a struct above 16 bytes. It can't be rewound for a second
        // try, so the buffer takes the longest verifier log at once; untouched pages of it cost nothing.
        nuint size = MaxLength;
        byte* buffer = (byte*)NativeMemory.Alloc(size);
        try
        {
            int length = vsnprintf(buffer, size, format, arguments);
            if (length > 0)
            {
                _text ??= new StringBuilder();
                _text.Append(Encoding.UTF8.GetString(buffer, Math.Min(length, MaxLength - 1)));
            }

            return length;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    [LibraryImport(NativeLibraries.LibBpf)]
    private static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, nint, int> print);

    [LibraryImport("libc")]
    private static partial int vsnprintf(byte* buffer, nuint size, byte* format, nint arguments);
}
