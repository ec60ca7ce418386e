using System.Globalization;

namespace EbpfPs.GuestRunner;

/// <summary>How a test ended, or that it has begun.</summary>
internal enum Outcome
{
    Started,
    Passed,
    Failed,
    Skipped,
}

/// <summary>A test: its class, without namespace, and its name with its arguments.</summary>
internal sealed record TestName(string Class, string Name)
{
    /// <summary>The class of what is said of a guest itself: no test that could be run once more.</summary>
    public const string Guest = "GuestTests";

    /// <summary>What fails when a guest dies before its end, whatever is run once more then.</summary>
    public static TestName CameToItsEnd { get; } = new(Guest, "CameToItsEnd");

    /// <summary>What fails when a kernel that can be had makes no guest.</summary>
    public static TestName CanBeBooted { get; } = new(Guest, "CanBeBooted");

    public override string ToString() => $"{Class}.{Name}";
}

/// <summary>
/// One line of a guest's results, as it goes over the serial line: outcome, class, name, milliseconds and text, with
/// tabs between. Each is written when it is known, so that a guest that dies leaves what it knew.
/// </summary>
internal sealed record TestLine(Outcome Outcome, TestName Test, long Milliseconds = 0, string Text = "")
{
    /// <summary>The first line: the kernel's release.</summary>
    public const string KernelMark = "kernel\t";

    /// <summary>The last line; without it the guest didn't come to its end.</summary>
    public const string EndMark = "end";

    public static TestLine? Parse(string line)
    {
        string[] parts = line.Split('\t');
        return parts.Length == 5 && Enum.TryParse(parts[0], out Outcome outcome)
            && long.TryParse(parts[3], CultureInfo.InvariantCulture, out long milliseconds)
            ? new TestLine(outcome, new TestName(parts[1], Unescape(parts[2])), milliseconds, Unescape(parts[4]))
            : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Outcome}\t{Test.Class}\t{Escape(Test.Name)}\t{Milliseconds}\t{Escape(Text)}");

    private static string Escape(string text) => text
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("\t", @"\t", StringComparison.Ordinal)
        .Replace("\r", "", StringComparison.Ordinal)
        .Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Unescape(string text)
    {
        System.Text.StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' || i + 1 == text.Length ? text[i] : text[++i] switch { 't' => '\t', 'n' => '\n', char other => other });
        }

        return plain.ToString();
    }
}
