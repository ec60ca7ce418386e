namespace EbpfPs.GuestRunner;

/// <summary>All that is known of one kernel's run: a result for each test that was asked for, whatever happened to the guest.</summary>
internal sealed record KernelResults(string Label, string Release, bool Booted, IReadOnlyList<TestLine> Lines)
{
    /// <summary>Reads what a run left: vm-LABEL.tsv from the guest, or vm-LABEL.reason when there was none.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="label">The kernel, as it was asked for.</param>
    /// <param name="expected">The tests that were asked for.</param>
    public static KernelResults Read(string folder, string label, IReadOnlyList<TestName> expected)
    {
        string reason = Path.Combine(folder, $"vm-{label}.reason");
        if (File.Exists(reason))
        {
            string why = File.ReadAllText(reason).Trim();
            return new KernelResults(label, label, Booted: false, expected.Select(test => new TestLine(Outcome.Skipped, test, Text: why)).ToArray());
        }

        string[] text = File.ReadAllText(Path.Combine(folder, $"vm-{label}.tsv")).Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        string release = Array.FindLast(text, line => line.StartsWith(TestLine.KernelMark, StringComparison.Ordinal))?[TestLine.KernelMark.Length..] ?? label;
        List<TestLine> lines = Collect(text.Select(TestLine.Parse).OfType<TestLine>());
        if (!text.Contains(TestLine.EndMark))
        {
            lines.AddRange(Missing(lines, expected).Select(test => new TestLine(Outcome.Failed, test, Text: "The guest stopped, or its time was over, before this test.")));
        }

        return new KernelResults(label, release, Booted: true, lines);
    }

    /// <summary>How many tests ended so, of a class or of all.</summary>
    public int Count(Outcome outcome, string? testClass = null) =>
        Lines.Count(line => line.Outcome == outcome && (testClass is null || line.Test.Class == testClass));

    /// <summary>Puts each result in the place of its beginning. Two tests may have one name, where long arguments were cut.</summary>
    private static List<TestLine> Collect(IEnumerable<TestLine> read)
    {
        List<TestLine> lines = [];
        foreach (TestLine line in read)
        {
            int begun = line.Outcome == Outcome.Started ? -1 : lines.FindLastIndex(other => other.Outcome == Outcome.Started && other.Test == line.Test);
            if (begun < 0)
            {
                lines.Add(line);
            }
            else
            {
                lines[begun] = line;
            }
        }

        return lines.ConvertAll(line => line.Outcome != Outcome.Started
            ? line
            : line with { Outcome = Outcome.Failed, Text = "The guest stopped, or its time was over, while this test ran." });
    }

    private static List<TestName> Missing(List<TestLine> lines, IReadOnlyList<TestName> expected)
    {
        List<TestName> missing = expected.ToList();
        foreach (TestLine line in lines)
        {
            missing.Remove(line.Test);
        }

        return missing;
    }
}
