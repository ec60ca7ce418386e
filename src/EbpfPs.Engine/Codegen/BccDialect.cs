using System.Globalization;
using System.Text;

namespace EbpfPs.Codegen;

/// <summary>
/// C in the dialect of bcc (docs/reference_guide.md of bcc) as C that clang takes without bcc: MAP.METHOD( becomes
/// MAP_METHOD(, which bpf/source/bcc.bpf.h defines; headers of the kernel go, since vmlinux.h has their types; and each
/// function that is to run becomes the body of a program for the place where it runs. Lines stay where they are.
/// </summary>
internal sealed class BccDialect
{
    private const string Suffix = "_body";

    private readonly string _source;
    private readonly IReadOnlyList<CToken> _tokens;
    private readonly SortedList<int, (int Length, string Text)> _edits = [];

    /// <summary>Reads a source.</summary>
    public BccDialect(string source)
    {
        _source = source;
        _tokens = CToken.Read(source);
        Functions = CFunction.Find(_tokens).Where(function => !function.IsStatic && function.Parameters.Count > 0).ToArray();
        EventType = FindEventType();
    }

    /// <summary>The functions that can be programs.</summary>
    public IReadOnlyList<CFunction> Functions { get; }

    /// <summary>The struct of the records that the source submits; empty where it isn't plain to see.</summary>
    public string EventType { get; }

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
        foreach (CFunction function in Functions)
        {
            foreach (CToken use in _tokens.Where((token, i) => token.Is(function.Name.Value) && !IsMember(i)))
            {
                Edit(use, (use == function.Name ? "static __attribute__((always_inline)) " : "") + use.Value + Suffix);
            }
        }

        StringBuilder text = new(_source);
        foreach ((int start, (int length, string replacement)) in _edits.Reverse())
        {
            text.Remove(start, length).Insert(start, replacement);
        }

        text.Append("\n#line 1 \"EbpfPs\"\n");
        if (EventType.Length > 0)
        {
            // A type that only local variables have is not in the object's BTF.
            text.Append(CultureInfo.InvariantCulture, $"const struct {EventType} *record_type __attribute__((unused));\n");
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
        return $"SEC(\"{entry.Section}\") int {name}({context} *context) {{ return {entry.Function}{Suffix}({call}); }}\n";
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

    /// <summary>Every map is declared as BPF_KIND(NAME, ...).</summary>
    private void JoinMethods()
    {
        HashSet<string> maps = _tokens
            .Where((token, i) => i >= 2 && token.Depth == 1 && _tokens[i - 1].Is("(") && _tokens[i - 2].Value.StartsWith("BPF_", StringComparison.Ordinal))
            .Select(token => token.Value)
            .ToHashSet(StringComparer.Ordinal);
        for (int i = 0; i + 3 < _tokens.Count; i++)
        {
            bool method = maps.Contains(_tokens[i].Value) && _tokens[i + 1].Is(".") && _tokens[i + 2].Kind is CTokenKind.Name && _tokens[i + 3].Is("(");
            if (method && !IsMember(i))
            {
                int length = _tokens[i + 2].End - _tokens[i].End;
                string lines = new('\n', _source.AsSpan(_tokens[i].End, length).Count('\n'));
                _edits[_tokens[i].End] = (length, $"_{_tokens[i + 2].Value}{lines}");
            }
        }
    }

    /// <summary>The type of what is given to perf_submit or ringbuf_output by its address.</summary>
    private string FindEventType()
    {
        for (int i = 0; i + 3 < _tokens.Count; i++)
        {
            if (_tokens[i].Value is "perf_submit" or "ringbuf_output" && _tokens[i + 1].Is("("))
            {
                int end = CFunction.Closing(_tokens, i + 1);
                CToken? variable = Enumerable.Range(i + 2, end - i - 2)
                    .Where(at => at + 1 < _tokens.Count && _tokens[at].Is("&") && _tokens[at + 1].Kind is CTokenKind.Name)
                    .Select(at => _tokens[at + 1])
                    .FirstOrDefault();
                int declared = variable is null ? -1 : Enumerable.Range(2, i - 2)
                    .FirstOrDefault(at => _tokens[at].Is(variable.Value) && _tokens[at - 2].Is("struct"), -1);
                if (declared > 0)
                {
                    return _tokens[declared - 1].Value;
                }
            }
        }

        return "";
    }

    private bool IsMember(int token) => token > 0 && (_tokens[token - 1].Is(".") || _tokens[token - 1].Is(">"));

    private void Edit(CToken token, string text) => _edits[token.Start] = (token.Value.Length, text);
}
