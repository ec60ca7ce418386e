using System.Globalization;
using System.Text.RegularExpressions;

namespace EbpfPs.Bpf;

/// <summary>The verifier's log of one program that it refused, as libbpf prints it, and what it says in plain words.</summary>
public sealed partial class VerifierLog
{
    private const string Begin = "-- BEGIN PROG LOAD LOG --";
    private const string End = "-- END PROG LOAD LOG --";
    private const string NoReason = "no reason was given.";

    /// <summary>Why stands at the end; before it a log can have megabytes of instructions.</summary>
    private const int TailLength = 256 * 1024;

    private VerifierLog(string program, string text, LineTable? lines)
    {
        Program = program;
        Text = text;
        string tail = Tail(text);
        Match report = Report().Match(tail);
        string[] path = (report.Success ? tail[..report.Index] : tail).Split('\n');
        int last = Array.FindLastIndex(path, line => InstructionLine().IsMatch(line));
        string[] said = Said(path.Skip(last + 1));
        Reason = said.LastOrDefault() ?? NoReason;
        ReadInstruction(last < 0 ? "" : path[last], said);
        Source = FindSource(lines, path.Take(last + 1));
        (Cause, Advice) = VerifierRefusal.Find(string.Join('\n', said))
            ?? (Unfold(report.Groups["reason"].Value, Reason).TrimEnd('.'), Unfold(report.Groups["suggestion"].Value, ""));
    }

    /// <summary>The program's name in its object.</summary>
    public string Program { get; }

    /// <summary>The whole log.</summary>
    public string Text { get; }

    /// <summary>The last line in which the verifier itself says why, without the statistics that follow it.</summary>
    public string Reason { get; }

    /// <summary>Why, in words of this project: the second half of a sentence. Where the verifier's words are not known, those.</summary>
    public string Cause { get; }

    /// <summary>What to try; empty where nothing is known.</summary>
    public string Advice { get; }

    /// <summary>The number of the instruction that is at fault; null where it is the program as a whole.</summary>
    public int? Instruction { get; private set; }

    /// <summary>That instruction, as the log has it; empty where it was not reached.</summary>
    public string InstructionText { get; private set; } = "";

    /// <summary>The line of C that the instruction comes from; null where the object doesn't say.</summary>
    public SourceLine? Source { get; }

    /// <summary>All of it as a sentence.</summary>
    public string Sentence
    {
        get
        {
            string at = Source is null ? "" : $", at {Source}";
            string code = InstructionText.Length == 0 ? "" : $", `{InstructionText}`";
            return $"The kernel's verifier refused program '{Program}': {Cause}{at}{(Instruction is null ? "" : $" (instruction {Instruction}{code})")}.";
        }
    }

    /// <summary>Finds the log in what libbpf printed.</summary>
    /// <returns>The log, or null when no verifier spoke.</returns>
    public static VerifierLog? Find(string printed) => Find(printed, null);

    /// <summary>Finds the log in what libbpf printed of an object whose lines are known.</summary>
    internal static VerifierLog? Find(string printed, LineTable? lines)
    {
        int begin = printed.IndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0)
        {
            return null;
        }

        int start = begin + Begin.Length;
        int end = printed.IndexOf(End, start, StringComparison.Ordinal);
        string text = printed[start..(end < 0 ? printed.Length : end)].Trim('\n');
        int lineStart = printed.LastIndexOf('\n', begin) + 1;
        return new VerifierLog(Quoted(printed[lineStart..begin]), text, lines);
    }

    /// <summary>The last line of a log that says why.</summary>
    internal static string LastReason(string text) => new VerifierLog("", text, null).Reason;

    private static string Quoted(string line)
    {
        string[] parts = line.Split('\'');
        return parts.Length >= 3 ? parts[1] : "?";
    }

    private static string Tail(string text) =>
        text.Length <= TailLength ? text : text[(text.IndexOf('\n', text.Length - TailLength) + 1)..];

    /// <summary>What the verifier says, without registers, statistics and notes on the way.</summary>
    private static string[] Said(IEnumerable<string> lines) => lines
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !Note().IsMatch(line))
        .ToArray();

    private static string Unfold(string text, string otherwise) =>
        text.Length == 0 ? otherwise : Blanks().Replace(text.Trim(), " ");

    private void ReadInstruction(string line, string[] said)
    {
        Match number = said.Select(text => NumberInReason().Match(text)).FirstOrDefault(match => match.Success) ?? Match.Empty;
        Match reached = InstructionLine().Match(line);
        if (number.Success)
        {
            Instruction = int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture);
        }
        else if (reached.Success)
        {
            Instruction = int.Parse(reached.Groups["number"].Value, CultureInfo.InvariantCulture);
            InstructionText = reached.Groups["code"].Value;
        }
    }

    /// <summary>Kernels before 6.10 don't number the lines, and none gives the line of what it never walked to.</summary>
    private SourceLine? FindSource(LineTable? lines, IEnumerable<string> path)
    {
        if (Instruction is int number && lines?.Find(Program, number) is SourceLine exact)
        {
            return exact;
        }

        Match shown = path.Reverse().Select(line => Comment().Match(line)).FirstOrDefault(match => match.Success) ?? Match.Empty;
        if (!shown.Success)
        {
            return null;
        }

        string text = shown.Groups[1].Value.Trim();
        return shown.Groups[2].Success
            ? new SourceLine(shown.Groups[2].Value, int.Parse(shown.Groups[3].Value, CultureInfo.InvariantCulture), text)
            : lines?.FindText(text) ?? new SourceLine("", 0, text);
    }

    /// <summary>libbpf writes <c>&lt;invalid CO-RE relocation&gt;</c> in the place of an instruction that it could not make.</summary>
    [GeneratedRegex(@"^(?<number>\d+): (?:\([0-9a-f]{2}\) (?<code>.*?)(?:\s+; .*)?|<invalid .*)$")]
    private static partial Regex InstructionLine();

    [GeneratedRegex(@"^; (\S.*?)(?: @ (\S+):(\d+))?$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(?:infinite loop detected at insn|unreachable insn|back-edge from insn|jump out of range from insn) (\d+)")]
    private static partial Regex NumberInReason();

    [GeneratedRegex(@"^(?:\w+: )?(?:R|fp-)\d+\w*=|^(?:cur|old) state:|^(?:last_idx|regs=|mark_precise:|parent |from \d+ to |; |processed |verification time |stack depth |libbpf: |func#|arg#\d+ |Unrecognized arg|reg type unsupported|max_states|insns_)")]
    private static partial Regex Note();

    /// <summary>Newer kernels (seen in 7.3) explain themselves behind the reason.</summary>
    [GeneratedRegex(@"^Verification failed: .*\n(?:\s*\nReason:\n(?<reason>(?:  .*\n)+))?(?:[\s\S]*?\nSuggestion:\n(?<suggestion>(?:  .*(?:\n|$))+))?", RegexOptions.Multiline)]
    private static partial Regex Report();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
