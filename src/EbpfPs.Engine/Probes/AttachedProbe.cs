using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>A probe in the kernel: its object, the way it attaches, its links and its counters.</summary>
public sealed class AttachedProbe
{
    private readonly List<BpfLink> _links = [];
    private readonly IReadOnlyList<TracepointHook> _tracepoints;

    /// <summary>Asked for while files can be opened: the account is due at the end in any case.</summary>
    private readonly int _cpus = BpfMap.PossibleCpus;

    internal AttachedProbe(ProbeSpec spec, ProbeMechanism mechanism, BpfObject obj, SessionOptions options)
    {
        Spec = spec;
        Mechanism = mechanism;
        Object = obj;
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

    /// <summary>Its programs, with what became of them.</summary>
    internal IEnumerable<SessionProgram> Programs => Object.Programs.Select(program => new SessionProgram(
        program.Name,
        program.Section,
        _links.Count > 0 ? ProgramState.Attached : ProgramState.Loaded,
        program.NamesNoHook ? HooksOf(program).Select(hook => hook.ToString()).ToArray() : [program.Section],
        ""));

    /// <summary><c>struct counters</c> of bpf/include/session.bpf.h.</summary>
    internal struct Counters
    {
        public ulong Produced;
        public ulong RingFull;
        public ulong MapFull;
        public ulong Truncated;
    }

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

    /// <summary>The counters of every stream, summed over the CPUs.</summary>
    internal Counters ReadCounters()
    {
        Counters sum = default;
        BpfMap map = Object.Map("counters");
        Counters[] perCpu = new Counters[_cpus];
        for (uint stream = 0; stream < map.MaxEntries; stream++)
        {
            map.ReadPerCpu<uint, Counters>(stream, perCpu);
            foreach (Counters one in perCpu)
            {
                sum.Produced += one.Produced;
                sum.RingFull += one.RingFull;
                sum.MapFull += one.MapFull;
                sum.Truncated += one.Truncated;
            }
        }

        return sum;
    }

    /// <summary>Skipped runs of all its programs; null where the kernel doesn't count them.</summary>
    internal long? ReadMissed()
    {
        long sum = 0;
        foreach (BpfProgram program in Object.Programs)
        {
            if (program.ReadMissed() is not ulong missed)
            {
                return null;
            }

            sum += (long)missed;
        }

        return sum;
    }

    private IEnumerable<TracepointHook> HooksOf(BpfProgram program) =>
        _tracepoints.Where(hook => hook.Program == program.Name);
}
