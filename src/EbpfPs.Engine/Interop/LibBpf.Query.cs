using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <content>What is attached without a link.</content>
internal static unsafe partial class LibBpf
{
    /// <summary>BPF_PROG_QUERY. The target is a descriptor, or of a network device its number.</summary>
    [LibraryImport(Library)]
    public static partial int bpf_prog_query(int target, int type, uint flags, out uint attachFlags, Span<uint> programs, ref uint count);

    /// <summary>BPF_TASK_FD_QUERY.</summary>
    [LibraryImport(Library)]
    public static partial int bpf_task_fd_query(
        int process, int fd, uint flags, Span<byte> name, ref uint nameLength, out uint program, out uint type, out ulong offset, out ulong address);
}
