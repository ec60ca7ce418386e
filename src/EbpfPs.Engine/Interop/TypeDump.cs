using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EbpfPs.Interop;

/// <summary>The kernel's types as C, written by libbpf's btf_dump (tools/lib/bpf/btf_dump.c).</summary>
internal static unsafe partial class TypeDump
{
    [ThreadStatic]
    private static StringBuilder? _text;

    /// <summary>All types of the running kernel, in an order in which C takes them.</summary>
    /// <exception cref="EbpfException">The kernel has no BTF, or libbpf can't read it.</exception>
    public static string OfKernel()
    {
        nint btf = LibBpfError.Check(LibBpf.btf__load_vmlinux_btf(), "read the kernel's types");
        nint dump = 0;
        try
        {
            _text = new StringBuilder();
            dump = LibBpfError.Check(btf_dump__new(btf, &Print, 0, 0), "write the kernel's types");
            uint count = btf__type_cnt(btf);
            for (uint id = 1; id < count; id++)
            {
                LibBpfError.Check(btf_dump__dump_type(dump, id), "write the kernel's types");
            }

            return _text.ToString();
        }
        finally
        {
            _text = null;
            if (dump != 0)
            {
                btf_dump__free(dump);
            }

            LibBpf.btf__free(btf);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Print(nint context, byte* format, nint arguments) =>
        VariadicText.Append(_text!, format, arguments, int.MaxValue / 2, 0);

    [LibraryImport(NativeLibraries.LibBpf, SetLastError = true)]
    private static partial nint btf_dump__new(nint btf, delegate* unmanaged[Cdecl]<nint, byte*, nint, void> print, nint context, nint options);

    [LibraryImport(NativeLibraries.LibBpf)]
    private static partial int btf_dump__dump_type(nint dump, uint id);

    [LibraryImport(NativeLibraries.LibBpf)]
    private static partial void btf_dump__free(nint dump);

    [LibraryImport(NativeLibraries.LibBpf)]
    private static partial uint btf__type_cnt(nint btf);
}
