using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>Attaching to what a section's name can't say, and the kernel's statistics of programs.</summary>
internal static unsafe partial class LibBpf
{
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_program__attach_uprobe(
        nint program, [MarshalAs(UnmanagedType.U1)] bool returns, int pid, string file, nuint offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach_perf_event(nint program, int perfEvent);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_program__attach_uprobe_opts(nint program, int pid, string file, nuint offset, in UserProbeOptions options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach_xdp(nint program, int interfaceIndex);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach_cgroup(nint program, int cgroup);

    [LibraryImport(Library)]
    public static partial int bpf_link_create(int program, int target, int attachType, nint options);

    [LibraryImport(Library)]
    public static partial int bpf_enable_stats(int kind);

    /// <summary><c>struct bpf_uprobe_opts</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct UserProbeOptions
    {
        public nuint Size;
        public nuint ReferenceCounterOffset;
        public ulong Cookie;
        public byte IsReturn;
        public nint FunctionName;
    }
}
