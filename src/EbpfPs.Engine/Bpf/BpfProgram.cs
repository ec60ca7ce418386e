using System.Runtime.CompilerServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A program that the verifier has accepted.</summary>
public sealed class BpfProgram
{
    private readonly BpfObject _owner;
    private readonly nint _program;

    internal BpfProgram(BpfObject owner, nint program)
    {
        _owner = owner;
        _program = program;
        Name = BpfObject.Text(LibBpf.bpf_program__name(program));
        Section = BpfObject.Text(LibBpf.bpf_program__section_name(program));
    }

    /// <summary>The function's name in the source.</summary>
    public string Name { get; }

    /// <summary>Where it attaches, as its section says: <c>tracepoint/syscalls/sys_enter_openat</c>.</summary>
    public string Section { get; }

    /// <summary>Whether its section says only that it is for tracepoints; who attaches it chooses them.</summary>
    internal bool NamesNoHook => Section == "tracepoint";

    /// <summary>Attaches it to what its section names.</summary>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused, or has no such hook.</exception>
    public BpfLink Attach()
    {
        LibBpfLog.Take();
        nint link = LibBpfError.Check(LibBpf.bpf_program__attach(_program), $"attach program '{Name}' to {Section}", Section);
        return new BpfLink(new BpfLinkHandle(link, _owner.Handle), Name, Section);
    }

    /// <summary>Attaches it to a tracepoint, for a program whose section names none. It can have several.</summary>
    /// <param name="category">The tracepoint's folder below tracefs's events.</param>
    /// <param name="name">The tracepoint.</param>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused, or has no such tracepoint.</exception>
    public BpfLink AttachTracepoint(string category, string name)
    {
        LibBpfLog.Take();
        string hook = $"tracepoint/{category}/{name}";
        nint link = LibBpf.bpf_program__attach_tracepoint(_program, category, name);
        return new BpfLink(new BpfLinkHandle(LibBpfError.Check(link, $"attach program '{Name}' to {hook}", hook), _owner.Handle), Name, hook);
    }

    /// <summary>
    /// How often the kernel skipped a run of the program because one was already under way on that CPU
    /// (<c>recursion_misses</c> of <c>bpf_prog_info</c>); null before Linux 5.12, which doesn't count them.
    /// </summary>
    public ulong? ReadMissed()
    {
        LibBpf.ProgramInfo info = default;
        uint length = (uint)Unsafe.SizeOf<LibBpf.ProgramInfo>();
        int result = LibBpf.bpf_obj_get_info_by_fd(LibBpf.bpf_program__fd(_program), ref info, ref length);
        LibBpfError.Check(result, $"read the statistics of program '{Name}'", Name);
        GC.KeepAlive(_owner);

        // The kernel says how much of the structure it knows.
        return length >= LibBpf.ProgramInfo.RecursionMissesEnd ? info.RecursionMisses : null;
    }
}
