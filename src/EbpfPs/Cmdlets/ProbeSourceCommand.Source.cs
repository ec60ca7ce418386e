using System.Collections;
using System.Globalization;
using System.Management.Automation;
using EbpfPs.Codegen;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>C that is compiled here instead of built-in probes.</content>
public abstract partial class ProbeSourceCommand
{
    /// <summary>The parameter set of C at the prompt.</summary>
    protected const string SourceSet = "Source";

    /// <summary>The parameter set of C in a file.</summary>
    protected const string SourcePathSet = "SourcePath";

    /// <summary>C: libbpf's, with SEC(), or bcc's dialect without.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceSet)]
    public string Source { get; set; } = "";

    /// <summary>A file of C.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourcePathSet)]
    public string SourcePath { get; set; } = "";

    /// <summary>Where the functions of bcc's dialect run: a place for each, or a table of places by function.</summary>
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [ValidateNotNull]
    public object[] Attach { get; set; } = [];

    /// <summary>The object that the source was compiled into.</summary>
    /// <exception cref="EbpfException">It has errors, each of which was written, or it can't be compiled here.</exception>
    private protected ObjectSessionOptions BuildSourceOptions()
    {
        string? file = ParameterSetName == SourcePathSet ? GetUnresolvedProviderPathFromPSPath(SourcePath) : null;
        string source = file is null ? Source : ReadSource(file);
        string name = file is null ? "source" : System.IO.Path.GetFileNameWithoutExtension(file);
        CompiledSource compiled = new SourceOptions
        {
            Source = source,
            File = file,
            Hooks = Attach.Select(Unwrap).Where(place => place is not IDictionary).Select(TextOf).ToArray(),
            HooksByFunction = Attach.Select(Unwrap).OfType<IDictionary>()
                .SelectMany(table => table.Cast<DictionaryEntry>())
                .ToDictionary(pair => TextOf(pair.Key), pair => (IReadOnlyList<string>)PlacesOf(pair.Value), StringComparer.Ordinal),
        }.Compile(StopToken);
        Report(compiled, name);
        return new ObjectSessionOptions
        {
            Name = name,
            Image = compiled.Image!,
            Programs = Program,
            Variables = VariableValues(),
            EventType = EventType,
            BufferTypes = compiled.EventTypes,
            Meanings = MeaningsByName(),
            Interfaces = Interface,
            CgroupPaths = CgroupPath,
            UserFunctions = UserFunction,

            // What a program prints is its output, where it has no other.
            TracePipe = TracePipe || source.Contains("bpf_trace_printk", StringComparison.Ordinal) || source.Contains("bpf_printk", StringComparison.Ordinal),
            BufferSize = MyInvocation.BoundParameters.ContainsKey(nameof(BufferSize)) ? BufferSize : null,
        };
    }

    private static string ReadSource(string file)
    {
        try
        {
            return System.IO.File.ReadAllText(file);
        }
        catch (Exception error) when (error is System.IO.IOException or UnauthorizedAccessException)
        {
            throw new EbpfException(EbpfErrorId.NotFound, $"Source file '{file}' can't be read: {error.Message}", "Give -SourcePath the path of a C file.", target: file, innerException: error);
        }
    }

    private static string TextOf(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string[] PlacesOf(object? value) =>
        Unwrap(value) is object?[] several ? several.Select(TextOf).ToArray() : [TextOf(value)];

    /// <summary>Every error of the compiler is an error record of its own; the last one ends the command.</summary>
    private void Report(CompiledSource compiled, string name)
    {
        foreach (CompilerDiagnostic warning in compiled.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning))
        {
            WriteWarning(warning.ToString());
        }

        if (compiled.Image is null)
        {
            EbpfException[] errors = compiled.Diagnostics
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .Select(error => new EbpfException(EbpfErrorId.CompilationFailed, error.ToString(), "Correct the line, and run the command again.", target: name))
                .ToArray();
            foreach (EbpfException error in errors.SkipLast(1))
            {
                WriteError(error);
            }

            throw errors[^1];
        }
    }
}
