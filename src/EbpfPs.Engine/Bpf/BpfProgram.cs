using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A program that the verifier has accepted.</summary>
public sealed partial class BpfProgram
{
    private static readonly Version _countsSkippedTracepoints = new(6, 7);

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

    /// <summary>Attaches it to an instruction of a file, for one process.</summary>
    /// <param name="file">An executable or a library.</param>
    /// <param name="offset">Bytes from the file's start.</param>
    /// <param name="processId">The process; 0 for this one, -1 for all.</param>
    /// <returns>The link; disposing it detaches.</returns>
    /// <exception cref="EbpfException">The kernel refused, or the file can't be read.</exception>
    public BpfLink AttachUserProbe(string file, ulong offset, int processId)
    {
        LibBpfLog.Take();
        nint link = LibBpf.bpf_program__attach_uprobe(_program, returns: false, processId, file, (nuint)offset);
        LibBpfError.Check(link, $"attach program '{Name}' to {file}", file);
        return new BpfLink(new BpfLinkHandle(link, _owner.Handle), Name, Section);
    }

    /// <summary>Attaches it to a perf event, which the link then owns.</summary>
    /// <exception cref="EbpfException">The kernel refused; the event is still the caller's.</exception>
    internal BpfLink AttachPerfEvent(FileDescriptor perfEvent)
    {
        LibBpfLog.Take();
        nint link = LibBpf.bpf_program__attach_perf_event(_program, perfEvent.Number);
        LibBpfError.Check(link, $"attach program '{Name}' to a perf event", Section);
        perfEvent.SetHandleAsInvalid();
        return new BpfLink(new BpfLinkHandle(link, _owner.Handle), Name, Section);
    }

    /// <summary>The kernel's number of it.</summary>
    /// <exception cref="EbpfException">The kernel refused to tell.</exception>
    public int Id => (int)ReadInfo(out _).Id;

    /// <summary>Whether the kernel turned it into machine code rather than interpreting it.</summary>
    /// <exception cref="EbpfException">The kernel refused to tell.</exception>
    public bool IsCompiled => ReadInfo(out _).CompiledLength > 0;

    /// <summary>
    /// How often the kernel skipped a run of the program because one was already under way on that CPU
    /// (<c>recursion_misses</c> of <c>bpf_prog_info</c>). Null where the kernel doesn't count them: before Linux 5.12, and
    /// for programs of classic tracepoints before 6.7 ("bpf: Count missed stats in trace_call_bpf").
    /// </summary>
    public ulong? ReadMissed()
    {
        LibBpf.ProgramInfo info = ReadInfo(out int known);

        // The kernel says how much of the structure it knows.
        bool counted = known >= LibBpf.ProgramInfo.RecursionMissesEnd && (!IsClassicTracepoint || Environment.OSVersion.Version >= _countsSkippedTracepoints);
        return counted ? info.RecursionMisses : null;
    }

    private bool IsClassicTracepoint => NamesNoHook || Section.StartsWith("tracepoint/", StringComparison.Ordinal);

    private LibBpf.ProgramInfo ReadInfo(out int known)
    {
        LibBpf.ProgramInfo info = ObjectInfo.Program(LibBpf.bpf_program__fd(_program), $"the statistics of program '{Name}'", out known);
        GC.KeepAlive(_owner);
        return info;
    }
}
