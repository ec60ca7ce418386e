using System.Globalization;
using System.Text.RegularExpressions;

namespace EbpfPs.Bpf;

/// <summary>One reason for which the kernel's verifier refuses programs.</summary>
/// <param name="Pattern">What the kernel says (kernel/bpf/verifier.c), in the wordings of Linux 5.10 to 7.3.</param>
/// <param name="Cause">What the program does wrong: the second half of a sentence.</param>
/// <param name="Advice">What to try.</param>
internal sealed partial record VerifierRefusal(Regex Pattern, Func<Match, string> Cause, string Advice)
{
    /// <summary>Finds the reason in what the verifier said after the last instruction.</summary>
    /// <returns>The cause and the advice, or null where the words are not known.</returns>
    public static (string Cause, string Advice)? Find(string said)
    {
        foreach (VerifierRefusal refusal in _known)
        {
            Match match = refusal.Pattern.Match(said);
            if (match.Success)
            {
                return (refusal.Cause(match), refusal.Advice);
            }
        }

        return null;
    }

    private static VerifierRefusal New(string pattern, string cause, string advice) => New(pattern, _ => cause, advice);

    private static VerifierRefusal New(string pattern, Func<Match, string> cause, string advice) =>
        new(new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline), cause, advice);

    private static string Bytes(string number) => number == "1" ? "1 byte" : $"{number} bytes";

    private static string Outside(string what, Match match) =>
        $"it can reach outside {what} of {Bytes(match.Groups["all"].Value)} ({Bytes(match.Groups["size"].Value)} at offset {match.Groups["at"].Value})";

    private static string Nullable(string type) => type switch
    {
        _ when type.Contains("map_value", StringComparison.Ordinal) => "a map's value",
        _ when type.Contains("mem", StringComparison.Ordinal) => "reserved memory",
        _ when type.Contains("sock", StringComparison.Ordinal) => "a socket",
        _ => "a pointer",
    };

    private static string Kind(string type) => type switch
    {
        "inv" or "scalar" => "a number",
        "ctx" => "the context",
        "fp" => "an address on the stack",
        "map_ptr" => "a map",
        _ => $"of type {type}",
    };

    /// <summary>
    /// What a program returns and may return. Before Linux 6.8 the kernel wrote both as known bits and unknown bits:
    /// <c>value (0x4d; 0x0) should have been in (0x0; 0x3)</c>, and now <c>smin=77 smax=77 should have been in [0, 3]</c>.
    /// </summary>
    private static string Verdict(Match match)
    {
        (long least, long most) = match.Groups["known"].Success ? Bits(match, "known", "unknown") : (Number(match, "smin"), Number(match, "smax"));
        (long from, long to) = match.Groups["from"].Success ? (Number(match, "from"), Number(match, "to")) : Bits(match, "base", "free");
        string returned = least == most && least != long.MinValue ? $"it returns {least}" : "it can return a value of unknown range";
        return $"{returned}, where a program of this type may return {(from == to ? $"only {from}" : $"{from} to {to}")}";
    }

    private static (long Least, long Most) Bits(Match match, string known, string unknown)
    {
        long least = Hexadecimal(match.Groups[known].Value);
        return (least, least | Hexadecimal(match.Groups[unknown].Value));
    }

    private static long Hexadecimal(string text) => unchecked((long)ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static long Number(Match match, string group) =>
        long.TryParse(match.Groups[group].Value, CultureInfo.InvariantCulture, out long number) ? number : long.MinValue;
}
