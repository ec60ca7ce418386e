using System.Text;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>The kinds of objects that the kernel numbers.</summary>
internal enum KernelObjectKind
{
    /// <summary>A program.</summary>
    Program,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A link.</summary>
    Link,

    /// <summary>Type information.</summary>
    Btf,
}

/// <summary>All programs, maps, links and types that are in the kernel, by the numbers it gives them.</summary>
internal static class KernelObjects
{
    /// <summary>The numbers of all objects of a kind that there are just now, the lowest first.</summary>
    /// <exception cref="EbpfException">The kernel refused: BPF_*_GET_NEXT_ID takes CAP_SYS_ADMIN.</exception>
    public static IEnumerable<int> Ids(KernelObjectKind kind)
    {
        uint id = 0;
        while (true)
        {
            int result = kind switch
            {
                KernelObjectKind.Program => LibBpf.bpf_prog_get_next_id(id, out id),
                KernelObjectKind.Map => LibBpf.bpf_map_get_next_id(id, out id),
                KernelObjectKind.Link => LibBpf.bpf_link_get_next_id(id, out id),
                _ => LibBpf.bpf_btf_get_next_id(id, out id),
            };
            if (result == -LibBpfError.ENOENT)
            {
                yield break;
            }

            LibBpfError.Check(result, $"list the {Noun(kind)}s of the kernel", needed: Privileges.SysAdmin);
            yield return (int)id;
        }
    }

    /// <summary>Opens an object by its number.</summary>
    /// <returns>A descriptor, or null when there is no such object.</returns>
    /// <exception cref="EbpfException">The kernel refused: BPF_*_GET_FD_BY_ID takes CAP_SYS_ADMIN.</exception>
    public static FileDescriptor? TryOpen(KernelObjectKind kind, int id)
    {
        int result = kind switch
        {
            KernelObjectKind.Program => LibBpf.bpf_prog_get_fd_by_id((uint)id),
            KernelObjectKind.Map => LibBpf.bpf_map_get_fd_by_id((uint)id),
            KernelObjectKind.Link => LibBpf.bpf_link_get_fd_by_id((uint)id),
            _ => LibBpf.bpf_btf_get_fd_by_id((uint)id),
        };

        // A link that is not finished yet says EAGAIN.
        return result is -LibBpfError.ENOENT or -LibBpfError.EAGAIN
            ? null
            : new FileDescriptor(LibBpfError.Check(result, $"open {Noun(kind)} {id}", id, Privileges.SysAdmin), "");
    }

    /// <summary>Opens an object by its number.</summary>
    /// <exception cref="EbpfException">There is no such object, or the kernel refused.</exception>
    public static FileDescriptor Open(KernelObjectKind kind, int id) => TryOpen(kind, id) ?? throw NotThere(kind, id);

    /// <summary>The exception for a number that no object has.</summary>
    public static EbpfException NotThere(KernelObjectKind kind, int id) => new(
        EbpfErrorId.NotFound,
        $"The kernel has no {Noun(kind)} with the number {id}.",
        $"{Cmdlet(kind)} without parameters lists them.",
        LibBpfError.ENOENT,
        target: id);

    /// <summary>What an object is called in messages.</summary>
    public static string Noun(KernelObjectKind kind) => kind switch
    {
        KernelObjectKind.Program => "program",
        KernelObjectKind.Map => "map",
        KernelObjectKind.Link => "link",
        _ => "type information object",
    };

    /// <summary>A name as the kernel keeps it.</summary>
    public static string Text(in LibBpf.NameBytes name)
    {
        ReadOnlySpan<byte> bytes = name;
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static string Cmdlet(KernelObjectKind kind) => kind switch
    {
        KernelObjectKind.Program => "Get-EbpfProgram",
        KernelObjectKind.Map => "Get-EbpfMap",
        KernelObjectKind.Link => "Get-EbpfLink",
        _ => "bpftool btf",
    };
}
