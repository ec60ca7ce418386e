namespace EbpfPs.Codegen;

/// <summary>What of bcc's dialect isn't done here, found before the compiler would say something that helps nobody.</summary>
internal static class BccProblems
{
    /// <summary>The methods of maps that bcc.bpf.h has.</summary>
    private static readonly HashSet<string> _methods = new(StringComparer.Ordinal)
    {
        "lookup", "lookup_or_init", "lookup_or_try_init", "update", "insert", "delete", "increment", "atomic_increment",
        "perf_submit", "ringbuf_output", "ringbuf_reserve", "ringbuf_submit", "ringbuf_discard", "ringbuf_query",
        "get_stackid", "push", "pop", "peek",
    };

    /// <summary>The macros that bcc.bpf.h and libbpf's headers have.</summary>
    private static readonly HashSet<string> _macros = new(StringComparer.Ordinal)
    {
        "BPF_HASH", "BPF_LRU_HASH", "BPF_PERCPU_HASH", "BPF_LRU_PERCPU_HASH", "BPF_ARRAY", "BPF_PERCPU_ARRAY", "BPF_HISTOGRAM",
        "BPF_LPM_TRIE", "BPF_QUEUE", "BPF_STACK", "BPF_STACK_TRACE", "BPF_PERF_OUTPUT", "BPF_RINGBUF_OUTPUT", "BPF_TABLE",
        "TRACEPOINT_PROBE", "RAW_TRACEPOINT_PROBE", "KFUNC_PROBE", "KRETFUNC_PROBE", "LSM_PROBE",
    };

    private static readonly Dictionary<string, string> _advice = new(StringComparer.Ordinal)
    {
        ["BPF_PERF_ARRAY"] = "Counters of the hardware can't be opened from here; perf-stat(1) counts them.",
        ["BPF_PROG_ARRAY"] = "Programs call each other as static functions here.",
        ["BPF_CGROUP_ARRAY"] = "bpf_get_current_cgroup_id() tells the cgroup: compare it with the inode number of its folder.",
        ["MODULE_KFUNC_PROBE"] = "Attach a function instead: -Attach function:NAME.",
        ["BPF_ITER"] = "Write it with SEC(\"iter/...\") in libbpf's C.",
        ["perf_read"] = "Counters of the hardware can't be opened from here; perf-stat(1) counts them.",
        ["call"] = "Programs call each other as static functions here.",
        ["perf_submit_skb"] = "Copy what is wanted with bpf_skb_load_bytes() and submit that.",
    };

    /// <summary>Finds what isn't done.</summary>
    /// <param name="tokens">The source.</param>
    /// <param name="methods">Each method of a map that it calls.</param>
    /// <param name="locate">Makes a diagnostic of a token and a message.</param>
    public static IEnumerable<CompilerDiagnostic> Find(
        IReadOnlyList<CToken> tokens, IEnumerable<CToken> methods, Func<CToken, string, CompilerDiagnostic> locate)
    {
        foreach (CToken method in methods.Where(method => !_methods.Contains(method.Value)))
        {
            yield return locate(method, $"maps have no method {method.Value}() here. {Advice(method, $"There are: {string.Join(", ", _methods)}.")}");
        }

        for (int i = 0; i + 1 < tokens.Count; i++)
        {
            CToken token = tokens[i];
            if (token is { Kind: CTokenKind.Name, Depth: 0 } && tokens[i + 1].Is("(") && IsMacro(token.Value) && !_macros.Contains(token.Value))
            {
                yield return locate(token, $"{token.Value}() of bcc isn't done here. {Advice(token, "about_EbpfPs_Programs lists what is; libbpf's C, with SEC(), can do the rest.")}");
            }
            else if (token.Is("bpf_usdt_readarg") || token.Is("bpf_usdt_readarg_p"))
            {
                yield return locate(token, "probes of USDT aren't done in bcc's dialect here. Write it in libbpf's C: SEC(\"usdt/FILE:PROVIDER:NAME\").");
            }
        }
    }

    private static bool IsMacro(string name) =>
        name.StartsWith("BPF_", StringComparison.Ordinal) || name.EndsWith("_PROBE", StringComparison.Ordinal);

    private static string Advice(CToken token, string other) => _advice.GetValueOrDefault(token.Value, other);
}
