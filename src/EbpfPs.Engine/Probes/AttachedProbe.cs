using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>A probe in the kernel: its object, the way it attaches, its links and its counters.</summary>
public sealed class AttachedProbe
{
    private readonly List<BpfLink> _links = [];
    private readonly IReadOnlyList<TracepointHook> _tracepoints;

    internal AttachedProbe(ProbeSpec spec, ProbeMechanism mechanism, BpfObject obj, SessionOptions options)
    {
        Spec = spec;
        Mechanism = mechanism;
        Object = obj;
        Account = new ProgramAccount(obj);
        _tracepoints = spec.Tracepoints(options);
    }

    /// <summary>The probe.</summary>
    public ProbeSpec Spec { get; }

    /// <summary>How it attaches here.</summary>
    public ProbeMechanism Mechanism { get; }

    /// <summary>The hooks that its programs are for: <c>tracepoint/syscalls/sys_exit_openat</c>.</summary>
    public IReadOnlyList<string> Hooks =>
        Object.Programs
            .SelectMany(program => program.NamesNoHook ? HooksOf(program).Select(hook => hook.ToString()) : [program.Section])
            .ToArray();

    internal BpfObject Object { get; }

    /// <summary>What its programs count.</summary>
    internal ProgramAccount Account { get; }

    /// <summary>Its programs, with what became of them.</summary>
    internal IEnumerable<SessionProgram> Programs => Object.Programs.Select(program => new SessionProgram(
        program.Name,
        program.Section,
        _links.Count > 0 ? ProgramState.Attached : ProgramState.Loaded,
        program.NamesNoHook ? HooksOf(program).Select(hook => hook.ToString()).ToArray() : [program.Section],
        ""));

    internal void Attach()
    {
        foreach (BpfProgram program in Object.Programs)
        {
            if (program.NamesNoHook)
            {
                _links.AddRange(HooksOf(program).Select(hook => program.AttachTracepoint(hook.Category, hook.Name)));
            }
            else
            {
                _links.Add(program.Attach());
            }
        }
    }

    /// <summary>Hands over its links, to be disposed together with those of the session's other probes.</summary>
    internal BpfLink[] TakeLinks()
    {
        BpfLink[] links = [.. _links];
        _links.Clear();
        return links;
    }

    private IEnumerable<TracepointHook> HooksOf(BpfProgram program) =>
        _tracepoints.Where(hook => hook.Program == program.Name);
}
