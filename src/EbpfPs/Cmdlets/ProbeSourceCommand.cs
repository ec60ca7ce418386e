using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Parameters;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command that starts a session: what to trace, and how to hold it.</summary>
public abstract partial class ProbeSourceCommand : EbpfCommand
{
    /// <summary>The parameter set of built-in probes.</summary>
    protected const string NameSet = "Name";

    /// <summary>The built-in probes, wildcards allowed. Not mandatory to the binder, which would prompt: checked here.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ProbeNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Leave out calls that took less; without it the probe's own default counts.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [Seconds]
    public TimeSpan MinimumDuration { get; set; }

    /// <summary>The syscalls that the latency probe times; all of them without it.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SyscallCompleter))]
    public string[] Syscall { get; set; } = [];

    /// <summary>How many bytes of a program's arguments to read.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public int MaxArgumentLength { get; set; } = SessionOptions.LongestArguments;

    /// <summary>Bytes of the ring between kernel and reader: a power of two.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    public long BufferSize { get; set; } = SessionOptions.DefaultBufferSize;

    /// <summary>What to do when events are lost.</summary>
    [Parameter]
    public LossAction LossAction { get; set; }

    /// <summary>The session that the parameters describe.</summary>
    /// <exception cref="EbpfException">One of them can't be.</exception>
    private protected SessionOptions BuildOptions()
    {
        List<ProbeSpec> probes = FindProbes();
        RefuseIdleOption(probes, nameof(MinimumDuration));
        RefuseIdleOption(probes, nameof(MaxArgumentLength));
        RefuseIdleOption(probes, nameof(Syscall));
        RefuseEmptyFilters();
        return new SessionOptions
        {
            Probes = probes,
            Filter = BuildFilter(),
            BufferSize = BufferSize,
            MaxArgumentLength = MaxArgumentLength,
            MinimumDuration = MyInvocation.BoundParameters.ContainsKey(nameof(MinimumDuration)) ? MinimumDuration : null,
            Syscalls = Syscall,
        };
    }

    /// <summary>The session of an object or of the trace pipe, where the parameters name one.</summary>
    /// <returns>Null where they name built-in probes.</returns>
    /// <exception cref="EbpfException">One of the parameters can't be.</exception>
    private protected SessionRequest? RequestOther()
    {
        switch (ParameterSetName)
        {
            case PathSet or SourceSet or SourcePathSet:
                ObjectSessionOptions options = ParameterSetName == PathSet ? BuildObjectOptions() : BuildSourceOptions();
                return new SessionRequest(options.Name, () => ProbeSession.Start(options), () => ProbeSession.Load(options));
            case TracePipeSet when TracePipe:
                return new SessionRequest("trace_pipe", ProbeSession.StartTracePipe, ProbeSession.StartTracePipe);
            default:
                return null;
        }
    }

    /// <summary>The session of built-in probes.</summary>
    private protected static SessionRequest RequestProbes(SessionOptions options) =>
        new(string.Join(", ", options.Probes), () => ProbeSession.Start(options), () => ProbeSession.Load(options));

    /// <summary>Tells how a session is attached: on the verbose stream, and as warnings what of an object is not.</summary>
    private protected void DescribeSession(ProbeSession session, string verb)
    {
        if (session.Options is null)
        {
            DescribePrograms(session);
        }

        if (session.MountedTracefs)
        {
            WriteVerbose("Mounted tracefs at /sys/kernel/tracing: the probes' tracepoints are found there.");
        }

        foreach (AttachedProbe probe in session.Probes)
        {
            string blind = probe.Spec.LimitationHere(probe.Mechanism);
            string limitation = blind.Length > 0 ? $" {blind}" : "";
            WriteVerbose($"Probe '{probe.Spec}' {verb} ({probe.Mechanism.Name}): {string.Join(", ", probe.Hooks)}.{limitation}");
        }
    }

    private List<ProbeSpec> FindProbes()
    {
        if (Name.Length == 0)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                "No probe was named.",
                $"Name one or more: {string.Join(", ", ProbeCatalog.All)}. Get-EbpfProbe -ListAvailable describes them.",
                target: MyInvocation.MyCommand.Name);
        }

        List<ProbeSpec> probes = [];
        foreach (string name in Name)
        {
            WildcardPattern pattern = NamePattern.Of(name);
            ProbeSpec[] matches = ProbeCatalog.All.Where(probe => pattern.IsMatch(probe.Name)).ToArray();

            // Find throws, with the name that was probably meant.
            probes.AddRange(matches.Length > 0 ? matches.Except(probes) : [ProbeCatalog.Find(name)]);
        }

        return probes;
    }

    private void RefuseIdleOption(List<ProbeSpec> probes, string option)
    {
        if (MyInvocation.BoundParameters.ContainsKey(option) && !probes.Exists(probe => probe.OwnOptions.Contains(option)))
        {
            IEnumerable<ProbeSpec> useful = ProbeCatalog.All.Where(probe => probe.OwnOptions.Contains(option));
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"-{option} means nothing to {string.Join(", ", probes)}.",
                $"It is an option of: {string.Join(", ", useful)}.",
                target: option);
        }
    }
}
