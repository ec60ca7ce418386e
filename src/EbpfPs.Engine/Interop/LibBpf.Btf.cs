using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>The kernel's own types, as far as they are asked for: include/bpf/btf.h.</summary>
internal static unsafe partial class LibBpf
{
    private const uint TypedefKind = 8;
    private const uint StructKind = 4;

    /// <summary>How many arguments each of some tracepoints has for a program; null for one that the kernel doesn't have.</summary>
    /// <param name="tracepoints">Their names, such as <c>io_uring_complete</c>.</param>
    /// <param name="type">A struct.</param>
    /// <param name="hasType">Whether the kernel has that struct.</param>
    /// <remarks>The kernel describes a tracepoint as the type of its functions, whose first argument is not the program's.</remarks>
    public static int?[] TracepointArguments(string[] tracepoints, string type, out bool hasType)
    {
        nint btf = btf__load_vmlinux_btf();
        LibBpfLog.Take();
        if (btf == 0)
        {
            hasType = false;
            return new int?[tracepoints.Length];
        }

        try
        {
            hasType = btf__find_by_name_kind(btf, type, StructKind) > 0;
            return Array.ConvertAll(tracepoints, name => Arguments(btf, "btf_trace_" + name));
        }
        finally
        {
            btf__free(btf);
        }
    }

    private static int? Arguments(nint btf, string typedef)
    {
        int id = btf__find_by_name_kind(btf, typedef, TypedefKind);
        if (id <= 0)
        {
            return null;
        }

        // SAFETY: libbpf has checked that each type refers to one that is there: a typedef of a pointer to a function.
        BtfTypeHeader* pointer = btf__type_by_id(btf, btf__type_by_id(btf, (uint)id)->Type);
        return (int)(btf__type_by_id(btf, pointer->Type)->Info & 0xffff) - 1;
    }

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int btf__find_by_name_kind(nint btf, string name, uint kind);

    [LibraryImport(Library, SetLastError = true)]
    private static partial BtfTypeHeader* btf__type_by_id(nint btf, uint id);

    /// <summary><c>struct btf_type</c> of include/uapi/linux/btf.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BtfTypeHeader
    {
        public uint Name;
        public uint Info;
        public uint Type;
    }
}
