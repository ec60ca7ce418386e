namespace EbpfPs.Bpf;

/// <summary>The verifier's log of one program that it refused, as libbpf prints it.</summary>
public sealed class VerifierLog
{
    private const string Begin = "-- BEGIN PROG LOAD LOG --";
    private const string End = "-- END PROG LOAD LOG --";

    private VerifierLog(string program, string text, string reason)
    {
        Program = program;
        Text = text;
        Reason = reason;
    }

    /// <summary>The program's name in its object.</summary>
    public string Program { get; }

    /// <summary>The whole log.</summary>
    public string Text { get; }

    /// <summary>The last line that says why, without the statistics that follow it.</summary>
    public string Reason { get; }

    /// <summary>Finds the log in what libbpf printed.</summary>
    /// <returns>The log, or null when no verifier spoke.</returns>
    public static VerifierLog? Find(string printed)
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
        return new VerifierLog(Quoted(printed[lineStart..begin]), text, LastReason(text));
    }

    private static string Quoted(string line)
    {
        string[] parts = line.Split('\'');
        return parts.Length >= 3 ? parts[1] : "?";
    }

    /// <summary>The last line of a log that says why.</summary>
    internal static string LastReason(string text)
    {
        foreach (string line in text.Split('\n').Reverse())
        {
            string reason = line.Trim();
            bool statistics = reason.StartsWith("processed ", StringComparison.Ordinal)
                || reason.StartsWith("verification time ", StringComparison.Ordinal)
                || reason.StartsWith("stack depth ", StringComparison.Ordinal)
                || reason.StartsWith("libbpf: ", StringComparison.Ordinal);
            if (reason.Length > 0 && !statistics)
            {
                return reason;
            }
        }

        return "no reason was given.";
    }
}
