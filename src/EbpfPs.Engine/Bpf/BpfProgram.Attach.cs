using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <content>Attaching to what a section leaves open.</content>
public sealed partial class BpfProgram
{
    /// <summary><c>BPF_TCX_INGRESS</c> of <c>enum bpf_attach_type</c>, since Linux 6.6.</summary>
    private const int TcxIngress = 46;

    private const int TcxEgress = 47;

    private static readonly Version _tcxSince = new(6, 6);

    /// <summary>Its kind: <c>enum bpf_prog_type</c>.</summary>
    internal int Type => (int)LibBpf.bpf_program__type(_program);

    /// <summary>Attaches an XDP program to a network interface.</summary>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    internal BpfLink AttachXdp(string name, int index) =>
        Link(LibBpf.bpf_program__attach_xdp(_program, index), $"xdp/{name}");

    /// <summary>Attaches a cgroup program to a cgroup.</summary>
    /// <param name="folder">The cgroup's folder, open.</param>
    /// <param name="path">Its path.</param>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    internal BpfLink AttachCgroup(FileDescriptor folder, string path) =>
        Link(LibBpf.bpf_program__attach_cgroup(_program, folder.Number), $"{Section} {path}");

    /// <summary>Attaches a traffic control program to a network interface.</summary>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused, or is older than 6.6.</exception>
    internal BpfLink AttachTc(string name, int index, bool egress)
    {
        string hook = $"tcx/{(egress ? "egress" : "ingress")} {name}";
        LibBpfLog.Take();
        int fd = LibBpf.bpf_link_create(LibBpf.bpf_program__fd(_program), index, egress ? TcxEgress : TcxIngress, 0);
        if (fd == -LibBpfError.EINVAL && Environment.OSVersion.Version < _tcxSince)
        {
            throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"Could not attach program '{Name}' to {hook}: links of traffic control programs (tcx) came with Linux {_tcxSince}.",
                "A filter of tc(8), which stays when its maker is gone, can hold the program there: tc filter add ... bpf direct-action object-file ...",
                LibBpfError.EINVAL,
                null,
                hook);
        }

        LibBpfError.Check(fd, $"attach program '{Name}' to {hook}", hook);
        return new BpfLink(new FileDescriptor(fd, "keep the link"), Name, hook);
    }

    /// <summary>Attaches it to a function of an executable or a library, in all processes.</summary>
    /// <param name="file">A path, or a name that is found as the shell and the loader find theirs.</param>
    /// <param name="function">The function, or an offset in the file as 0x...</param>
    /// <param name="returns">When the function returns.</param>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">There is no such file or function, or the kernel refused.</exception>
    internal BpfLink AttachUserFunction(string file, string function, bool returns)
    {
        bool isOffset = function.StartsWith("0x", StringComparison.Ordinal);
        nuint offset = isOffset ? (nuint)Convert.ToUInt64(function, 16) : 0;
        nint name = isOffset ? 0 : Marshal.StringToCoTaskMemUTF8(function);
        try
        {
            LibBpf.UserProbeOptions options = new()
            {
                Size = (nuint)Unsafe.SizeOf<LibBpf.UserProbeOptions>(),
                IsReturn = returns ? (byte)1 : (byte)0,
                FunctionName = name,
            };
            LibBpfLog.Take();
            return Link(
                LibBpf.bpf_program__attach_uprobe_opts(_program, -1, file, offset, options),
                $"{(returns ? "uretprobe" : "uprobe")}/{file}:{function}");
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }

    private BpfLink Link(nint link, string hook) =>
        new(new BpfLinkHandle(LibBpfError.Check(link, $"attach program '{Name}' to {hook}", hook), _owner.Handle), Name, hook);
}
