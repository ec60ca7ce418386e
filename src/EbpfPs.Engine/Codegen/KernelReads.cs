namespace EbpfPs.Codegen;

/// <summary>
/// Where a source reads through a pointer into the kernel's memory, <c>sk->__sk_common.skc_daddr</c>, bcc makes it a call of
/// a helper, since the verifier lets few programs read such memory themselves. This finds these places: chains of
/// <c>-></c>, <c>.</c> and <c>[]</c> that start with a variable declared as a pointer to a struct that the source doesn't
/// define, or with a cast to such a pointer. What is written to, or whose address is taken, stays.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="tokens">Its tokens.</param>
internal sealed class KernelReads(string source, IReadOnlyList<CToken> tokens)
{
    /// <summary>Contexts, which programs read directly.</summary>
    private static readonly HashSet<string> _contexts = new(StringComparer.Ordinal) { "pt_regs", "__sk_buff", "xdp_md", "sk_msg_md" };

    private readonly HashSet<string> _own = tokens
        .Where((token, i) => i > 0 && tokens[i - 1].Is("struct") && i + 1 < tokens.Count && tokens[i + 1].Is("{"))
        .Select(token => token.Value)
        .ToHashSet(StringComparer.Ordinal);

    private readonly Dictionary<string, bool> _pointers = new(StringComparer.Ordinal);

    /// <summary>The chains: where one starts, how long it is, and what it becomes.</summary>
    public IEnumerable<(int Start, int Length, string Text)> Find()
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            Declare(i);
            int end = Primary(i);
            if (end > i && IsArrow(end))
            {
                (int next, string text) = Chain(i, end);
                int from = tokens[i].Start;
                int length = tokens[next - 1].End - from;
                yield return (from, length, text + new string('\n', source.AsSpan(from, length).Count('\n')));
                i = next - 1;
            }
        }
    }

    /// <summary>Learns from TYPE * NAME what a name is; the last declaration before a use counts.</summary>
    private void Declare(int i)
    {
        if (i >= 2 && tokens[i].Kind is CTokenKind.Name && tokens[i - 1].Is("*") && tokens[i - 2].Kind is CTokenKind.Name
            && i + 1 < tokens.Count && tokens[i + 1].Value is "," or ")" or ";" or "=")
        {
            _pointers[tokens[i].Value] = i >= 3 && tokens[i - 3].Is("struct") && IsKernels(tokens[i - 2].Value);
        }
    }

    private bool IsKernels(string tag) => !_own.Contains(tag) && !_contexts.Contains(tag)
        && !tag.StartsWith("bpf_", StringComparison.Ordinal)
        && !tag.StartsWith("tracepoint__", StringComparison.Ordinal)
        && !tag.StartsWith("trace_event_raw_", StringComparison.Ordinal);

    /// <summary>Where the token after a primary expression is: a pointer's name, or ((struct TAG *)...); else the start itself.</summary>
    private int Primary(int i)
    {
        if (tokens[i].Kind is CTokenKind.Name)
        {
            bool member = i > 0 && (tokens[i - 1].Is(".") || (i > 1 && IsArrow(i - 2)));
            return !member && _pointers.GetValueOrDefault(tokens[i].Value) ? i + 1 : i;
        }

        bool cast = i + 5 < tokens.Count && tokens[i].Is("(") && tokens[i + 1].Is("(") && tokens[i + 2].Is("struct")
            && IsKernels(tokens[i + 3].Value) && tokens[i + 4].Is("*") && tokens[i + 5].Is(")");
        return cast ? Math.Min(CFunction.Closing(tokens, i) + 1, tokens.Count) : i;
    }

    private bool IsArrow(int i) => i + 2 < tokens.Count && tokens[i].Is("-") && tokens[i + 1].Is(">")
        && tokens[i].End == tokens[i + 1].Start && tokens[i + 2].Kind is CTokenKind.Name;

    private (int Next, string Text) Chain(int start, int at)
    {
        string place = source[tokens[start].Start..tokens[at - 1].End];
        bool read = false;
        while (at < tokens.Count)
        {
            if (IsArrow(at))
            {
                place = $"{(read ? Read(place) : place)}->{tokens[at + 2].Value}";
                read = true;
                at += 3;
            }
            else if (tokens[at].Is(".") && at + 1 < tokens.Count && tokens[at + 1].Kind is CTokenKind.Name)
            {
                place += "." + tokens[at + 1].Value;
                at += 2;
            }
            else if (tokens[at].Is("[") && CFunction.Closing(tokens, at) is int close && close < tokens.Count)
            {
                place += source[tokens[at].Start..tokens[close].End];
                at = close + 1;
            }
            else
            {
                break;
            }
        }

        return (at, IsAddressed(start) || IsWritten(at) ? place : Read(place));
    }

    private static string Read(string place) => $"EBPFPS_READ({place.ReplaceLineEndings(" ")})";

    /// <summary>Whether an address is taken of what starts here, or its size: &amp;a->b and not a &amp; b->c.</summary>
    private bool IsAddressed(int start)
    {
        if (start == 0 || !tokens[start - 1].Is("&"))
        {
            return start > 1 && tokens[start - 1].Is("(") && tokens[start - 2].Value is "sizeof" or "typeof" or "offsetof";
        }

        CToken? before = start > 1 ? tokens[start - 2] : null;
        bool both = before is not null && before.Is("&") && before.End == tokens[start - 1].Start;
        bool operand = before is not null && (before.Is(")") || before.Is("]")
            || (before.Kind is CTokenKind.Name && before.Value is not "return") || (before.Kind is CTokenKind.Other && char.IsAsciiDigit(before.Value[0])));
        bool cast = before is not null && before.Is(")") && IsCast(start - 2);
        return !both && (!operand || cast);
    }

    /// <summary>Whether a parenthesis closes a cast to a pointer: (void *)&amp;a->b.</summary>
    private bool IsCast(int close) => close > 0 && tokens[close - 1].Is("*");

    private bool IsWritten(int next)
    {
        if (next + 1 >= tokens.Count)
        {
            return false;
        }

        (string first, string second) = (tokens[next].Value, tokens[next + 1].Value);
        return (first == "=" && second != "=")
            || (first is "+" or "-" && second == first && tokens[next].End == tokens[next + 1].Start)
            || (first is "+" or "-" or "*" or "/" or "|" or "&" or "^" && second == "=");
    }
}
