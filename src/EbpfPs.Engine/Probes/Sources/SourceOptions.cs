using EbpfPs.Bpf;
using EbpfPs.Codegen;

namespace EbpfPs.Probes;

/// <summary>C that is to be compiled, and where its functions are to run.</summary>
public sealed class SourceOptions
{
    /// <summary>The C: libbpf's, with SEC(), or bcc's dialect without.</summary>
    public required string Source { get; init; }

    /// <summary>The full path of the file that it comes from; null where there is none.</summary>
    public string? File { get; init; }

    /// <summary>Places for the functions in the order of the source: <c>syscall:execve</c>.</summary>
    public IReadOnlyList<string> Hooks { get; init; } = [];

    /// <summary>Places by the function's name, instead of <see cref="Hooks"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> HooksByFunction { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Compiles it for this kernel.</summary>
    /// <param name="cancellation">Ends the compiler.</param>
    /// <exception cref="EbpfException">
    /// There is no compiler, the kernel has no BTF, or it can't be told what is to run where. Errors in the source are on the result.
    /// </exception>
    public CompiledSource Compile(CancellationToken cancellation = default)
    {
        if (!BccDialect.IsPlain(Source))
        {
            BccDialect dialect = new(Source);
            string declarations = string.Concat(dialect.Tracepoints.Select(SourceHook.DeclareTracepoint));
            return SourceCompiler.Compile(Source, File, Entries(dialect), declarations, KernelSupport.TaskBtf, cancellation);
        }

        return Hooks.Count + HooksByFunction.Count == 0
            ? SourceCompiler.Compile(Source, File, null, "", KernelSupport.TaskBtf, cancellation)
            : throw Invalid("The source says itself where its programs run, with SEC(): -Attach is for sources without.", "Leave -Attach out, or take the SEC() out of the source.");
    }

    private EntryPoint[] Entries(BccDialect dialect)
    {
        string[] functions = dialect.Functions.Select(function => function.Name.Value).ToArray();
        string list = string.Join(", ", functions.Select(function => $"'{function}'"));
        if (functions.Length == 0 && !dialect.HasProbes)
        {
            throw Invalid("The source has no function that could be a program.", "A program is a function that isn't static and takes a context: int hello(void *ctx) { ... }.");
        }

        if (HooksByFunction.Count > 0)
        {
            string? unknown = HooksByFunction.Keys.Except(functions).FirstOrDefault();
            return unknown is null
                ? [.. HooksByFunction.SelectMany(pair => pair.Value.Select(hook => Resolve(pair.Key, hook))), .. Implied(functions.Except(HooksByFunction.Keys))]
                : throw Invalid($"The source has no function '{unknown}' that could be a program; it has {list}.", "Name functions of the source: -Attach @{ FUNCTION = 'syscall:execve' }.");
        }

        if (functions.Length == 1 && Hooks.Count > 0)
        {
            return Hooks.Select(hook => Resolve(functions[0], hook)).ToArray();
        }

        // Where only some say by their names where they run, the places are the others'.
        string[] open = Hooks.Count == functions.Length ? functions : functions.Where(function => SourceHook.OfName(function) is null).ToArray();
        if (Hooks.Count == open.Length)
        {
            return [.. open.Select((function, i) => Resolve(function, Hooks[i])), .. Implied(functions.Except(open))];
        }

        EntryPoint[] implied = Implied(functions).ToArray();
        return Hooks.Count == 0 && (implied.Length > 0 || dialect.HasProbes)
            ? implied
            : throw Invalid(
                Hooks.Count == 0 ? $"The source doesn't say where {list} is to run." : $"The source has {functions.Length} functions ({list}) and -Attach {Hooks.Count} places.",
                $"Say where: -Attach syscall:execve for one function, -Attach @{{ {functions[0]} = 'syscall:execve' }} for several.");

        EntryPoint Resolve(string function, string hook) => SourceHook.Resolve(function, hook, dialect.UsesRegisters);

        IEnumerable<EntryPoint> Implied(IEnumerable<string> names) =>
            names.Select(name => SourceHook.OfName(name) is string hook ? Resolve(name, hook) : null).OfType<EntryPoint>();
    }

    private static EbpfException Invalid(string message, string hint) => new(EbpfErrorId.InvalidArgument, message, hint, target: "Attach");
}
