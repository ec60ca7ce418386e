using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <content>Objects by the numbers that the kernel gives them, and by the paths that they are pinned at.</content>
internal static unsafe partial class LibBpf
{
    [LibraryImport(Library)]
    public static partial int bpf_prog_get_next_id(uint start, out uint next);

    [LibraryImport(Library)]
    public static partial int bpf_map_get_next_id(uint start, out uint next);

    [LibraryImport(Library)]
    public static partial int bpf_btf_get_next_id(uint start, out uint next);

    [LibraryImport(Library)]
    public static partial int bpf_link_get_next_id(uint start, out uint next);

    [LibraryImport(Library)]
    public static partial int bpf_prog_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    public static partial int bpf_map_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    public static partial int bpf_btf_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    public static partial int bpf_link_get_fd_by_id(uint id);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_get(string path);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_pin(int fd, string path);

    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_and_delete_elem(int fd, ReadOnlySpan<byte> key, Span<byte> value);

    /// <summary>Type information of an ELF file, or of a raw one.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint btf__parse(string path, nint extension);
}
