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
    public CompiledSource Compile(CancellationToken cancellation = default) =>
        SourceCompiler.Compile(Source, File, Entries(), KernelSupport.TaskBtf, cancellation);

    private EntryPoint[] Entries()
    {
        if (BccDialect.IsPlain(Source))
        {
            return Hooks.Count + HooksByFunction.Count == 0
                ? []
                : throw Invalid("The source says itself where its programs run, with SEC(): -Attach is for sources without.", "Leave -Attach out, or take the SEC() out of the source.");
        }

        string[] functions = new BccDialect(Source).Functions.Select(function => function.Name.Value).ToArray();
        string list = string.Join(", ", functions.Select(function => $"'{function}'"));
        if (functions.Length == 0)
        {
            throw Invalid("The source has no function that could be a program.", "A program is a function that isn't static and takes a context: int hello(void *ctx) { ... }.");
        }

        if (HooksByFunction.Count > 0)
        {
            string? unknown = HooksByFunction.Keys.Except(functions).FirstOrDefault();
            return unknown is null
                ? HooksByFunction.SelectMany(pair => pair.Value.Select(hook => SourceHook.Resolve(pair.Key, hook))).ToArray()
                : throw Invalid($"The source has no function '{unknown}' that could be a program; it has {list}.", "Name functions of the source: -Attach @{ FUNCTION = 'syscall:execve' }.");
        }

        if (functions.Length == 1 && Hooks.Count > 0)
        {
            return Hooks.Select(hook => SourceHook.Resolve(functions[0], hook)).ToArray();
        }

        return Hooks.Count == functions.Length
            ? functions.Select((function, i) => SourceHook.Resolve(function, Hooks[i])).ToArray()
            : throw Invalid(
                Hooks.Count == 0 ? $"The source doesn't say where {list} is to run." : $"The source has {functions.Length} functions ({list}) and -Attach {Hooks.Count} places.",
                $"Say where: -Attach syscall:execve for one function, -Attach @{{ {functions[0]} = 'syscall:execve' }} for several.");
    }

    private static EbpfException Invalid(string message, string hint) => new(EbpfErrorId.InvalidArgument, message, hint, target: "Attach");
}
