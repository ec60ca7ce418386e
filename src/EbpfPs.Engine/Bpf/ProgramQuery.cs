using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A descriptor of a perf event that a program is attached to.</summary>
/// <param name="ProgramId">The program's number.</param>
/// <param name="Kind"><c>enum bpf_task_fd_type</c>: 1 a tracepoint, 2 and 3 a kernel function and its return, 4 and 5 a file's.</param>
/// <param name="Name">The tracepoint, the function or the file; empty where a function has only an address.</param>
/// <param name="Offset">From the start of the function or file.</param>
/// <param name="Address">The function's address where it has no name.</param>
internal readonly record struct PerfAttachment(int ProgramId, uint Kind, byte[] Name, ulong Offset, ulong Address);

/// <summary>
/// Asks which programs are attached to something, whether by a link or without one: BPF_PROG_QUERY and BPF_TASK_FD_QUERY.
/// </summary>
internal static class ProgramQuery
{
    private const int LongestName = 4096;

    /// <summary>The programs at a hook, in the order in which they run.</summary>
    /// <param name="target">A descriptor; of a network device its number.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="flags">How they were attached: BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI.</param>
    /// <returns>
    /// Their numbers; null where this kernel, or this target, has no such hook. (Of a socket map's two hooks for verdicts only one
    /// can be used, and the other says EBUSY then.)
    /// </returns>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_NET_ADMIN or CAP_SYS_ADMIN.</exception>
    public static uint[]? Programs(int target, BpfAttachType hook, out uint flags)
    {
        uint count = 0;
        uint[] programs = [];

        // Without room the kernel tells the number. It may have grown by the second question: ENOSPC.
        int result = LibBpf.bpf_prog_query(target, (int)hook, 0, out flags, programs, ref count);
        while (count > 0 && (result == 0 || result == -LibBpfError.ENOSPC) && programs.Length < count)
        {
            programs = new uint[count];
            result = LibBpf.bpf_prog_query(target, (int)hook, 0, out flags, programs, ref count);
        }

        if (result is -LibBpfError.EINVAL or -LibBpfError.EOPNOTSUPP or -LibBpfError.ENODEV or -LibBpfError.ENXIO or -LibBpfError.ENOENT or -LibBpfError.EBUSY)
        {
            return null;
        }

        LibBpfError.Check(result, "ask which programs are attached", needed: Privileges.SysAdmin);
        return programs[..(int)Math.Min(count, (uint)programs.Length)];
    }

    /// <summary>What a process's perf event runs; null where that is nothing, or not told: events that are no tracepoints and no probes.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public static PerfAttachment? OfDescriptor(int process, int fd)
    {
        byte[] name = new byte[LongestName];
        uint length = LongestName;
        int result = LibBpf.bpf_task_fd_query(process, fd, 0, name, ref length, out uint program, out uint kind, out ulong offset, out ulong address);

        // Nothing is attached, the kind of event is not one that is told, or process and descriptor have gone.
        if (result is -LibBpfError.ENOENT or -LibBpfError.EOPNOTSUPP or -LibBpfError.ENOTSUPP or -LibBpfError.EBADF or -LibBpfError.EINVAL)
        {
            return null;
        }

        LibBpfError.Check(result, $"ask what perf event {fd} of process {process} runs", needed: Privileges.SysAdmin);
        return new PerfAttachment((int)program, kind, name[..Math.Max(0, Array.IndexOf(name, (byte)0))], offset, address);
    }
}
