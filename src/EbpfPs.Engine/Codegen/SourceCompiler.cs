namespace EbpfPs.Codegen;

/// <summary>What became of a source.</summary>
/// <param name="Image">The object; null where there are errors.</param>
/// <param name="Diagnostics">What the compiler says.</param>
/// <param name="EventTypes">The structs of the records that it submits, by the buffers' names, where that is plain to see.</param>
public sealed record CompiledSource(byte[]? Image, IReadOnlyList<CompilerDiagnostic> Diagnostics, IReadOnlyDictionary<string, string> EventTypes);

/// <summary>
/// Makes eBPF objects of C. The kernel's types come from its own BTF, the helpers from libbpf's headers, which come with
/// the engine.
/// </summary>
internal static class SourceCompiler
{
    private const string Licence = "char ebpfps_license[] __attribute__((section(\"license\"), used)) = \"GPL\";\n";

    /// <summary>Compiles a source.</summary>
    /// <param name="source">The C.</param>
    /// <param name="file">Its file's full path; null where there is no file.</param>
    /// <param name="entries">For bcc's dialect, which function runs where; null for libbpf's C.</param>
    /// <param name="declarations">For bcc's dialect, the structs of tracepoints that it names.</param>
    /// <param name="taskBtf">Whether the kernel has bpf_get_current_task_btf (Linux 5.11).</param>
    /// <param name="cancellation">Ends the compiler.</param>
    /// <exception cref="EbpfException">There is no compiler, or the kernel has no BTF.</exception>
    public static CompiledSource Compile(
        string source, string? file, IReadOnlyList<EntryPoint>? entries, string declarations, bool taskBtf, CancellationToken cancellation)
    {
        BccDialect dialect = new(source);
        string name = file ?? "source.c";
        List<string> arguments = [];
        string text = source;
        if (entries is not null)
        {
            CompilerDiagnostic[] problems = dialect.Problems(name).ToArray();
            if (problems.Length > 0)
            {
                return new CompiledSource(null, problems, dialect.EventTypes);
            }

            text = dialect.Translate(entries);
            arguments.AddRange(["-include", "bcc.bpf.h", .. Definitions(entries, taskBtf)]);
            if (!dialect.UsesLog2)
            {
                arguments.Add("-DEBPFPS_LINEAR_SLOTS");
            }
        }
        else if (!BccDialect.HasInclude(source))
        {
            arguments.AddRange(["-include", "libbpf.bpf.h"]);
        }

        if (file is not null)
        {
            arguments.Add("-I" + Path.GetDirectoryName(file));
        }

        if (!BccDialect.HasLicence(source))
        {
            text += "\n#line 1 \"EbpfPs\"\n" + Licence;
        }

        string folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;
        try
        {
            if (declarations.Length > 0)
            {
                string header = Path.Combine(folder, "tracepoints.bpf.h");
                File.WriteAllText(header, declarations);
                arguments.AddRange(["-include", header]);
            }

            if (file is null)
            {
                // The compiler puts each line's text in the object, for the verifier's log: the user's, not what was made of it.
                File.WriteAllText(Path.Combine(folder, name), source);
            }

            string named = $"#line 1 \"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n{text}";
            (byte[]? image, string printed) = Clang.Compile(named, folder, arguments, cancellation);
            IReadOnlyList<CompilerDiagnostic> diagnostics = CompilerDiagnostic.Read(printed, name, source);
            if (image is null && !diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
            {
                diagnostics = [.. diagnostics, new CompilerDiagnostic(DiagnosticSeverity.Error, "", 0, 0, $"clang failed: {printed.Trim()}", "")];
            }

            return new CompiledSource(image, diagnostics, entries is not null ? dialect.EventTypes : new Dictionary<string, string>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What PT_REGS_PARM1(ctx) and PT_REGS_RC(ctx) stand for where the context isn't a kprobe's.</summary>
    private static IEnumerable<string> Definitions(IReadOnlyList<EntryPoint> entries, bool taskBtf)
    {
        if (All(ArgumentSource.SyscallEntry, ArgumentSource.Typed, ArgumentSource.Registers))
        {
            yield return "-DEBPFPS_SYSCALL_ARGUMENTS";
        }

        if (All(ArgumentSource.Typed, ArgumentSource.SyscallEntry, ArgumentSource.Registers))
        {
            yield return "-DEBPFPS_TYPED_ARGUMENTS";
        }

        if (All(ArgumentSource.SyscallReturn, ArgumentSource.TypedReturn, ArgumentSource.RegistersReturn))
        {
            yield return "-DEBPFPS_SYSCALL_RESULT";
        }

        if (All(ArgumentSource.TypedReturn, ArgumentSource.SyscallReturn, ArgumentSource.RegistersReturn))
        {
            yield return "-DEBPFPS_TYPED_RESULT";
        }

        if (taskBtf)
        {
            yield return "-DEBPFPS_TASK_BTF";
        }

        bool All(ArgumentSource wanted, params ArgumentSource[] others) =>
            entries.Any(entry => entry.Arguments == wanted) && !entries.Any(entry => others.Contains(entry.Arguments));
    }
}
