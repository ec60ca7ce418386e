using System.Globalization;
using System.Text;

namespace EbpfPs.Codegen;

/// <summary>
/// C in the dialect of bcc (docs/reference_guide.md of bcc) as C that clang takes without bcc: MAP.METHOD( becomes
/// MAP_METHOD(, which bpf/source/bcc.bpf.h defines; headers of the kernel go, since vmlinux.h has their types; what is read
/// from the kernel's memory through pointers is read by a helper (<see cref="KernelReads"/>); and each function that is to run
/// becomes the body of a program for the place where it runs. Lines stay where they are.
/// </summary>
internal sealed class BccDialect
{
    private const string Suffix = "_body";
    private const string TracepointPrefix = "tracepoint__";

    private static readonly string[] _registers = ["PT_REGS_IP", "PT_REGS_SP", "PT_REGS_FP", "PT_REGS_PARM6"];

    private readonly string _source;
    private readonly IReadOnlyList<CToken> _tokens;
    private readonly SortedList<int, (int Length, string Text)> _edits = [];

    /// <summary>Reads a source.</summary>
    public BccDialect(string source)
    {
        _source = source;
        _tokens = CToken.Read(source);
        Functions = CFunction.Find(_tokens).Where(function => !function.IsStatic && function.Parameters.Count > 0).ToArray();
        EventTypes = FindEventTypes();
    }

    /// <summary>The functions that can be programs.</summary>
    public IReadOnlyList<CFunction> Functions { get; }

    /// <summary>The structs of the records that the source submits, by the buffers' names, where that is plain to see.</summary>
    public IReadOnlyDictionary<string, string> EventTypes { get; }

    /// <summary>Whether programs of the source attach themselves: TRACEPOINT_PROBE(category, name) and its like.</summary>
    public bool HasProbes => _tokens.Where((token, i) => token.Depth == 0 && i + 1 < _tokens.Count && _tokens[i + 1].Is("("))
        .Any(token => token.Value is "TRACEPOINT_PROBE" or "RAW_TRACEPOINT_PROBE" or "KFUNC_PROBE" or "KRETFUNC_PROBE" or "LSM_PROBE");

    /// <summary>The tracepoints whose structs the source names: those of TRACEPOINT_PROBE, and tracepoint__CATEGORY__NAME.</summary>
    public IReadOnlyList<string> Tracepoints => _tokens
        .Select((token, i) => token.Is("TRACEPOINT_PROBE") && i + 4 < _tokens.Count && _tokens[i + 3].Is(",")
            ? $"{TracepointPrefix}{_tokens[i + 2].Value}__{_tokens[i + 4].Value}"
            : token.Kind is CTokenKind.Name && token.Value.StartsWith(TracepointPrefix, StringComparison.Ordinal) ? token.Value : "")
        .Where(name => name.Length > 0)
        .Distinct()
        .Select(name => name[TracepointPrefix.Length..])
        .ToArray();

    /// <summary>Whether it reads registers that only a kprobe has.</summary>
    public bool UsesRegisters => _registers.Any(name => Uses(_tokens, name));

    /// <summary>Whether a source counts powers of two, and not numbers themselves.</summary>
    public bool UsesLog2 => Uses(_tokens, "bpf_log2l") || Uses(_tokens, "bpf_log2");

    /// <summary>Whether a source is libbpf's C: it says with SEC() where its programs go.</summary>
    public static bool IsPlain(string source) => Uses(CToken.Read(source), "SEC");

    /// <summary>Whether a source declares its licence.</summary>
    public static bool HasLicence(string source) =>
        CToken.Read(source).Any(token => token.Kind is CTokenKind.Text && token.Value == "\"license\"");

    /// <summary>Whether a source includes anything.</summary>
    public static bool HasInclude(string source) =>
        CToken.Read(source).Any(token => token.Kind is CTokenKind.Directive && token.Value.Contains("include", StringComparison.Ordinal));

    /// <summary>Writes the source as libbpf's C.</summary>
    /// <param name="entries">What is to run where. Each function is one of <see cref="Functions"/>.</param>
    public string Translate(IReadOnlyList<EntryPoint> entries)
    {
        _edits.Clear();
        LeaveOutHeaders();
        JoinMethods();
        NameTables();
        foreach (CFunction function in Functions)
        {
            foreach (CToken use in _tokens.Where((token, i) => token.Is(function.Name.Value) && !IsMember(i) && i + 1 < _tokens.Count && _tokens[i + 1].Is("(")))
            {
                Edit(use, (use == function.Name ? "static __attribute__((always_inline)) " : "") + use.Value + Suffix);
            }
        }

        foreach ((int start, int length, string read) in new KernelReads(_source, _tokens).Find())
        {
            // What has changed inside already is left to the compiler as it is.
            if (!_edits.Keys.Any(at => at >= start && at < start + length))
            {
                _edits[start] = (length, read);
            }
        }

        StringBuilder text = new(_source);
        foreach ((int start, (int length, string replacement)) in _edits.Reverse())
        {
            text.Remove(start, length).Insert(start, replacement);
        }

        text.Append("\n#line 1 \"EbpfPs\"\n");
        int count = 0;
        foreach (string type in EventTypes.Values.Distinct())
        {
            // A type that only local variables have is not in the object's BTF.
            text.Append(CultureInfo.InvariantCulture, $"const struct {type} *record_type{++count} __attribute__((unused));\n");
        }

        foreach (EntryPoint entry in entries)
        {
            text.Append(Program(entry, entries.TakeWhile(other => other != entry).Count(other => other.Function == entry.Function)));
        }

        return text.ToString();
    }

    private static bool Uses(IReadOnlyList<CToken> tokens, string macro) =>
        tokens.Where((token, i) => token.Is(macro) && i + 1 < tokens.Count && tokens[i + 1].Is("(")).Any();

    /// <summary>
    /// An argument is found by its name where all of them have names that the call knows, since that is what is meant:
    /// <c>(ctx, const char *filename, int flags)</c> on openat leaves out its first. Else by its place.
    /// </summary>
    private static int Index(EntryPoint entry, IReadOnlyList<CParameter> parameters, int place)
    {
        bool byName = parameters.Skip(1).All(parameter => entry.Names.Contains(parameter.Name));
        return byName ? entry.Names.ToList().IndexOf(parameters[place].Name) : place - 1;
    }

    private string Program(EntryPoint entry, int count)
    {
        CFunction function = Functions.Single(function => function.Name.Value == entry.Function);
        (string context, Func<int, string> argument) = entry.Arguments switch
        {
            ArgumentSource.SyscallEntry => ("struct trace_event_raw_sys_enter", (Func<int, string>)(i => $"context->args[{i}]")),
            ArgumentSource.SyscallReturn => ("struct trace_event_raw_sys_exit", _ => "context->ret"),
            ArgumentSource.Typed or ArgumentSource.TypedReturn => ("unsigned long long", i => $"context[{i}]"),
            ArgumentSource.Registers or ArgumentSource.RegistersReturn => ("struct pt_regs", i => $"PT_REGS_PARM{i + 1}(context)"),
            _ => ("void", _ => "0"),
        };
        IEnumerable<string> arguments = function.Parameters.Skip(1)
            .Select((parameter, i) => $"({parameter.Type}){argument(Index(entry, function.Parameters, i + 1))}");
        string name = entry.Function + (count == 0 ? "" : (count + 1).ToString(CultureInfo.InvariantCulture));
        string call = string.Join(", ", arguments.Prepend("(void *)context"));
        string run = function.IsVoid ? $"{entry.Function}{Suffix}({call}); return 0;" : $"return {entry.Function}{Suffix}({call});";
        return $"SEC(\"{entry.Section}\") int {name}({context} *context) {{ {run} }}\n";
    }

    private void LeaveOutHeaders()
    {
        foreach (CToken line in _tokens.Where(token => token.Kind is CTokenKind.Directive))
        {
            string[] words = line.Value[1..].Split([' ', '\t', '<'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0] == "include" && line.Value.Contains('<') && !words[1].StartsWith("bpf/", StringComparison.Ordinal))
            {
                Edit(line, new string(' ', line.Value.Length));
            }
        }
    }

    /// <summary>What isn't done here, each at its place.</summary>
    /// <param name="file">The source's name.</param>
    public IEnumerable<CompilerDiagnostic> Problems(string file) =>
        BccProblems.Find(_tokens, Methods().Select(i => _tokens[i + 2]), (token, message) =>
        {
            int line = _source.AsSpan(0, token.Start).Count('\n');
            int start = line == 0 ? 0 : _source.LastIndexOf('\n', token.Start - 1) + 1;
            int end = _source.IndexOf('\n', token.Start);
            int column = Encoding.UTF8.GetByteCount(_source.AsSpan(start, token.Start - start)) + 1;
            return new CompilerDiagnostic(DiagnosticSeverity.Error, file, line + 1, column, message, _source[start..(end < 0 ? _source.Length : end)].TrimEnd('\r'));
        });

    /// <summary>Where MAP.METHOD( stands. Every map is declared as BPF_KIND(NAME, ...) or BPF_TABLE("kind", key, leaf, NAME, size).</summary>
    private IEnumerable<int> Methods()
    {
        HashSet<string> maps = _tokens
            .Where((token, i) => i >= 2 && token.Depth == 1 && _tokens[i - 1].Is("(") && _tokens[i - 2].Value.StartsWith("BPF_", StringComparison.Ordinal))
            .Concat(Tables().Select(table => table.Name))
            .Select(token => token.Value)
            .ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, Math.Max(0, _tokens.Count - 3))
            .Where(i => maps.Contains(_tokens[i].Value) && _tokens[i + 1].Is(".") && _tokens[i + 2].Kind is CTokenKind.Name && _tokens[i + 3].Is("("))
            .Where(i => !IsMember(i));
    }

    private void JoinMethods()
    {
        foreach (int i in Methods())
        {
            int length = _tokens[i + 2].End - _tokens[i].End;
            string lines = new('\n', _source.AsSpan(_tokens[i].End, length).Count('\n'));
            _edits[_tokens[i].End] = (length, $"_{_tokens[i + 2].Value}{lines}");
        }
    }

    /// <summary>A macro can't look into a string: BPF_TABLE("hash", ...) becomes BPF_TABLE(hash, ...).</summary>
    private void NameTables()
    {
        foreach ((CToken kind, _) in Tables())
        {
            Edit(kind, kind.Value.Trim('"'));
        }
    }

    private IEnumerable<(CToken Kind, CToken Name)> Tables()
    {
        for (int i = 0; i + 2 < _tokens.Count; i++)
        {
            if (_tokens[i].Is("BPF_TABLE") && _tokens[i + 1].Is("(") && _tokens[i + 2].Kind is CTokenKind.Text)
            {
                CToken[] commas = _tokens.Skip(i + 2).TakeWhile(token => token.Depth > 0).Where(token => token.Depth == 1 && token.Is(",")).ToArray();
                CToken? name = commas.Length >= 3 ? _tokens.FirstOrDefault(token => token.Start > commas[2].Start) : null;
                if (name is not null)
                {
                    yield return (_tokens[i + 2], name);
                }
            }
        }
    }

    /// <summary>The types of what is given to perf_submit and ringbuf_output; none for a buffer that takes several.</summary>
    private Dictionary<string, string> FindEventTypes()
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (int i in Methods().Where(i => _tokens[i + 2].Value is "perf_submit" or "ringbuf_output"))
        {
            string type = TypeOfArgument(i + 3, _tokens[i + 2].Value == "perf_submit" ? 1 : 0);
            string buffer = _tokens[i].Value;
            found[buffer] = !found.TryGetValue(buffer, out string? other) || other == type ? type : "";
        }

        return found.Where(pair => pair.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The struct that a variable, which is an argument, was last declared with; empty for anything else.</summary>
    private string TypeOfArgument(int open, int place)
    {
        CToken[] inside = _tokens.Skip(open + 1).Take(CFunction.Closing(_tokens, open) - open - 1).ToArray();
        int depth = _tokens[open].Depth + 1;
        int commas = 0;
        CToken? variable = inside.Where(token => (commas += token.Depth == depth && token.Is(",") ? 1 : 0) == place).LastOrDefault(token => token.Kind is CTokenKind.Name);
        for (int i = open; variable is not null && i >= 2; i--)
        {
            int type = _tokens[i - 1].Is("*") ? i - 2 : i - 1;
            if (_tokens[i].Is(variable.Value) && type >= 1 && _tokens[type - 1].Is("struct"))
            {
                return _tokens[type].Value;
            }
        }

        return "";
    }

    private bool IsMember(int token) => token > 0 && (_tokens[token - 1].Is(".") || _tokens[token - 1].Is(">"));

    private void Edit(CToken token, string text) => _edits[token.Start] = (token.Value.Length, text);
}
