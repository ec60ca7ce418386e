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
    /// <summary>
    /// A verifier log can have tens of megabytes, a line for each of a million instructions. Its start says which
    /// program it is of, and why that was refused stands at its end: what is longer loses its middle.
    /// </summary>
    private const int StartLength = 64 * 1024;

    private const int EndLength = 16 * 1024 * 1024;

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

        _text ??= new StringBuilder();
        return VariadicText.Append(_text, format, arguments, StartLength, EndLength);
    }

    [LibraryImport(NativeLibraries.LibBpf)]
    private static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, nint, int> print);
}
