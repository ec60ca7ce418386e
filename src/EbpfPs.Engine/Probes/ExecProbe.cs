using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Who executes what: execve and execveat, with their outcome.</summary>
public sealed class ExecProbe : ProbeSpec
{
    private static readonly string[] _walking = ["exit_execve", "exit_execveat", "raw_exit"];

    private const string Compat = "A failed exec by a 32-bit process is not seen; one that succeeds is.";

    /// <inheritdoc/>
    public override string Name => "exec";

    /// <inheritdoc/>
    public override string Description => "Programs that are executed, and attempts that fail: file, arguments, parent, errno.";

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Exec;

    /// <inheritdoc/>
    public override Type EventType => typeof(ExecEvent);

    /// <inheritdoc/>
    public override int Streams => 4;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnOptions => [nameof(SessionOptions.MaxArgumentLength)];

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeMechanism> Mechanisms { get; } =
    [
        new("tracepoint", ["exec_succeeded", .. SyscallPrograms("execve", "execveat")], NeedsTracefs: true, Compat),
        new(
            "raw tracepoint",
            ["exec_succeeded", "raw_exit"],
            NeedsTracefs: false,
            Compat + " Without tracefs every syscall of the machine passes a small program."),
    ];

    /// <inheritdoc/>
    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context) => ExecEvent.Decode(record, context);

    /// <inheritdoc/>
    /// <remarks>A failed exec's arguments are walked by bpf_loop() where the kernel has it: it loads in a tenth of the time.</remarks>
    public override IReadOnlyList<string> ProgramsHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return KernelSupport.BpfLoop
            ? mechanism.Programs
            : mechanism.Programs.Select(program => _walking.Contains(program) ? program + "_bounded" : program).ToArray();
    }

    /// <inheritdoc/>
    public override void Configure(OpenedBpfObject obj, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(options);
        obj.SetVariable("max_arguments", (uint)options.MaxArgumentLength);
    }
}
