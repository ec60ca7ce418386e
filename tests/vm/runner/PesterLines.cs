namespace EbpfPs.GuestRunner;

/// <summary>The results of the Pester suite: outcome, name and message with tabs between, as tests/pester writes them.</summary>
internal static class PesterLines
{
    /// <summary>The row of the table.</summary>
    public const string Class = "PesterTests";

    /// <summary>What stands for the suite where it did not run, or did not come to its end.</summary>
    public static TestName Whole { get; } = new(Class, "the whole suite");

    public static TestLine? Parse(string line)
    {
        string[] parts = line.Split('\t');
        return parts.Length == 3 && Enum.TryParse(parts[0], out Outcome outcome)
            ? new TestLine(outcome, new TestName(Class, parts[1]), Text: Reason(outcome, parts[2]))
            : null;
    }

    /// <summary>The file of tests, FILE.Tests.ps1, that a name begins with.</summary>
    public static string FileOf(TestName test) => test.Name.Split(' ')[0];

    /// <summary>Whether this is no test, but what stands for several that could not be tried: it fails, and else isn't there.</summary>
    public static bool IsSetUp(TestName test) =>
        test.Class == Class && (test.Name.EndsWith(" (set-up or tear-down)", StringComparison.Ordinal) || test.Name.EndsWith(" (the file)", StringComparison.Ordinal));

    /// <summary>A skip without a word is named by the test itself: tests/expected-skips.txt has the reason.</summary>
    private static string Reason(Outcome outcome, string message) =>
        outcome == Outcome.Skipped && message.Length == 0 ? "what the guest has no program for (tests/expected-skips.txt)" : message;
}
