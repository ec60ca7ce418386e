using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EbpfPs.Interop;

/// <summary>
/// libbpf's functions under their C names, as far as version 1.1 exports them. Only the Bpf namespace calls
/// them, and passes what they return through <see cref="LibBpfError"/>.
/// </summary>
internal static unsafe partial class LibBpf
{
    private const string Library = NativeLibraries.LibBpf;

    static LibBpf() => NativeLibraries.Register();

    /// <summary>The memory that a section's variables get their values from; empty where there is none.</summary>
    public static Span<byte> InitialValue(nint map)
    {
        byte* memory = bpf_map__initial_value(map, out nuint size);

        // SAFETY: libbpf keeps the memory until the object is closed.
        return memory == null ? default : new Span<byte>(memory, (int)size);
    }

    /// <summary>The raw bytes of a <c>struct btf</c>, which owns them.</summary>
    public static ReadOnlySpan<byte> RawBtf(nint btf)
    {
        byte* data = btf__raw_data(btf, out uint size);

        // SAFETY: the bytes live as long as the struct btf; callers copy them at once.
        return data == null ? default : new ReadOnlySpan<byte>(data, (int)size);
    }

    // Objects: include/bpf/libbpf.h

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_object__open_mem(ReadOnlySpan<byte> image, nuint size, in ObjectOpenOptions options);

    [LibraryImport(Library)]
    public static partial int bpf_object__load(BpfObjectHandle obj);

    [LibraryImport(Library)]
    public static partial void bpf_object__close(nint obj);

    [LibraryImport(Library)]
    public static partial nint bpf_object__btf(BpfObjectHandle obj);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_map_by_name(BpfObjectHandle obj, string name);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_program_by_name(BpfObjectHandle obj, string name);

    [LibraryImport(Library)]
    public static partial nint bpf_object__next_map(BpfObjectHandle obj, nint map);

    [LibraryImport(Library)]
    public static partial nint bpf_object__next_program(BpfObjectHandle obj, nint program);

    // Maps of an object

    [LibraryImport(Library)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Library)]
    public static partial nint bpf_map__name(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__type(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__key_size(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__value_size(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__max_entries(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__btf_key_type_id(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__btf_value_type_id(nint map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__map_flags(nint map);

    [LibraryImport(Library)]
    public static partial ulong bpf_map__map_extra(nint map);

    [LibraryImport(Library)]
    public static partial nint bpf_map__pin_path(nint map);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_pin_path(nint map, nint path);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_max_entries(nint map, uint entries);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_value_size(nint map, uint size);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_autocreate(nint map, [MarshalAs(UnmanagedType.U1)] bool create);

    [LibraryImport(Library)]
    public static partial int bpf_map__reuse_fd(nint map, int fd);

    [LibraryImport(Library)]
    private static partial byte* bpf_map__initial_value(nint map, out nuint size);

    // Programs of an object

    [LibraryImport(Library)]
    public static partial nint bpf_program__name(nint program);

    [LibraryImport(Library)]
    public static partial nint bpf_program__section_name(nint program);

    [LibraryImport(Library)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Library)]
    public static partial uint bpf_program__type(nint program);

    [LibraryImport(Library)]
    public static partial int bpf_program__set_autoload(nint program, [MarshalAs(UnmanagedType.U1)] bool load);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bpf_program__autoload(nint program);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach(nint program);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_program__attach_tracepoint(nint program, string category, string name);

    [LibraryImport(Library)]
    public static partial int bpf_link__destroy(nint link);

    // Types

    [LibraryImport(Library)]
    private static partial byte* btf__raw_data(nint btf, out uint size);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint btf__load_vmlinux_btf();

    [LibraryImport(Library)]
    public static partial void btf__free(nint btf);

    // The bpf(2) syscall: include/bpf/bpf.h

    [LibraryImport(Library)]
    public static partial int bpf_map_update_elem(int fd, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong flags);

    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_elem(int fd, ReadOnlySpan<byte> key, Span<byte> value);

    [LibraryImport(Library)]
    public static partial int bpf_map_delete_elem(int fd, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    public static partial int bpf_map_get_next_key(int fd, ReadOnlySpan<byte> key, Span<byte> nextKey);

    /// <summary>Reads many entries at once: BPF_MAP_LOOKUP_BATCH of bpf(2).</summary>
    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_batch(
        int fd, ReadOnlySpan<byte> position, Span<byte> nextPosition, Span<byte> keys, Span<byte> values, ref uint count, nint options);

    [LibraryImport(Library)]
    public static partial int libbpf_probe_bpf_prog_type(uint type, nint options);

    [LibraryImport(Library)]
    public static partial int libbpf_probe_bpf_map_type(uint type, nint options);

    [LibraryImport(Library)]
    public static partial int libbpf_probe_bpf_helper(uint type, uint helper, nint options);

    [LibraryImport(Library)]
    public static partial int libbpf_num_possible_cpus();

    [LibraryImport(Library)]
    public static partial nint libbpf_version_string();

    /// <summary><c>struct bpf_object_open_opts</c> up to the last member that is set.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ObjectOpenOptions
    {
        public nuint Size;
        public nint ObjectName;
        private readonly nuint _obsoleteAndPadding;
    }
}

/// <summary>Owns a <c>struct bpf_object</c>; closing it unloads programs and maps that nothing else holds.</summary>
internal sealed class BpfObjectHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public BpfObjectHandle(nint value)
        : base(ownsHandle: true) => SetHandle(value);

    protected override bool ReleaseHandle()
    {
        LibBpf.bpf_object__close(handle);
        return true;
    }
}

/// <summary>Owns a <c>struct bpf_link</c>; closing it detaches. It holds its object open until then.</summary>
internal sealed class BpfLinkHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly BpfObjectHandle _parent;

    public BpfLinkHandle(nint value, BpfObjectHandle parent)
        : base(ownsHandle: true)
    {
        bool added = false;
        _parent = parent;
        parent.DangerousAddRef(ref added);
        SetHandle(value);
    }

    protected override bool ReleaseHandle()
    {
        int result = LibBpf.bpf_link__destroy(handle);
        _parent.DangerousRelease();
        return result == 0;
    }
}
