namespace EbpfPs.GuestRunner;

/// <summary>All that is known of one kernel's run: a result for each test that was asked for, whatever happened to the guest.</summary>
internal sealed record KernelResults(string Label, string Release, bool Booted, IReadOnlyList<TestLine> Lines)
{
    private const string Host = "host";

    /// <summary>What follows the kernel in the name of a guest that ran the Pester suite.</summary>
    private const string PesterMark = ".pester";

    /// <summary>Reads what the guests left, one column for each kernel, the oldest first and the host last.</summary>
    /// <param name="folder">Where the files are: vm-GUEST.tsv from the guest; when there was none vm-GUEST.reason, or vm-GUEST.defect when there should be one.</param>
    /// <param name="guests">The guests that were asked for: a kernel, or a kernel with <c>.pester</c> behind it.</param>
    /// <param name="expected">The kernel tests that were asked for.</param>
    public static KernelResults[] ReadAll(string folder, string[] guests, IReadOnlyList<TestName> expected) => guests
        .Select(guest => Read(folder, guest, guest.EndsWith(PesterMark, StringComparison.Ordinal) ? [PesterLines.Whole] : expected))
        .GroupBy(results => results.Label)
        .Select(parts => new KernelResults(
            parts.Key,
            parts.OrderBy(part => part.Booted ? 0 : 1).First().Release,
            parts.All(part => part.Booted),
            parts.SelectMany(part => part.Lines).ToArray()))
        .OrderBy(results => results.Label == Host ? 1 : 0)
        .ThenBy(results => Version.TryParse(results.Label.Contains('.') ? results.Label : results.Label + ".0", out Version? version) ? version : null)
        .ToArray();

    private static KernelResults Read(string folder, string guest, IReadOnlyList<TestName> expected)
    {
        string label = guest.EndsWith(PesterMark, StringComparison.Ordinal) ? guest[..^PesterMark.Length] : guest;
        string defect = Path.Combine(folder, $"vm-{guest}.defect");
        if (File.Exists(defect))
        {
            return new KernelResults(label, label, Booted: false, [new TestLine(Outcome.Failed, TestName.CanBeBooted, Text: File.ReadAllText(defect).Trim())]);
        }

        string reason = Path.Combine(folder, $"vm-{guest}.reason");
        if (File.Exists(reason))
        {
            string why = File.ReadAllText(reason).Trim();
            return new KernelResults(label, label, Booted: false, expected.Select(test => new TestLine(Outcome.Skipped, test, Text: why)).ToArray());
        }

        string[] text = File.ReadAllText(Path.Combine(folder, $"vm-{guest}.tsv")).Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        string release = Array.FindLast(text, line => line.StartsWith(TestLine.KernelMark, StringComparison.Ordinal))?[TestLine.KernelMark.Length..] ?? label;
        List<TestLine> lines = Collect(Parsed(text));
        if (!text.Contains(TestLine.EndMark))
        {
            lines.AddRange(Missing(lines, expected).Select(test => new TestLine(Outcome.Failed, test, Text: "The guest stopped, or its time was over, before this test.")));
            lines.Add(new TestLine(Outcome.Failed, TestName.CameToItsEnd, Text: $"The guest stopped, or its time was over (vm-{guest}.console.txt)."));
        }

        return new KernelResults(label, release, Booted: true, WithSecond(lines, Path.Combine(folder, $"vm-{guest}.again.tsv")));
    }

    /// <summary>
    /// What failed is run once more, in a machine that was booted for it: an emulated one may be so slow for a moment that
    /// nothing is where a test waits for it. What passes then has failed once, and the table says so. That a guest died is no
    /// slowness, and stays.
    /// </summary>
    private static List<TestLine> WithSecond(List<TestLine> first, string file)
    {
        if (!File.Exists(file))
        {
            return first;
        }

        ILookup<TestName, TestLine> second = Collect(Parsed(File.ReadLines(file))).ToLookup(line => line.Test);
        HashSet<string> failedFiles = [.. second.Where(lines => lines.Any(line => line.Outcome == Outcome.Failed)).Select(lines => PesterLines.FileOf(lines.Key))];
        HashSet<string> files = [.. second.Select(lines => PesterLines.FileOf(lines.Key)).Except(failedFiles)];
        return first
            .Where(line => line.Outcome != Outcome.Failed || !PesterLines.IsSetUp(line.Test) || !files.Contains(PesterLines.FileOf(line.Test)))
            .Select(line => line.Outcome == Outcome.Failed && second[line.Test].FirstOrDefault() is { Outcome: not Outcome.Failed } better
                ? better with { Text = better.Outcome == Outcome.Passed ? line.Text : better.Text }
                : line)
            .ToList();
    }

    private static IEnumerable<TestLine> Parsed(IEnumerable<string> lines) =>
        lines.Select(line => line.TrimEnd('\r')).Select(line => TestLine.Parse(line) ?? PesterLines.Parse(line)).OfType<TestLine>();

    /// <summary>The classes, or the files of the Pester suite, that are to be run once more, as the text of that run.</summary>
    public string FailedClasses() => string.Join(
        ',',
        Lines.Where(line => line.Outcome == Outcome.Failed && line.Test != PesterLines.Whole && line.Test.Class != TestName.Guest)
            .Select(line => line.Test.Class == PesterLines.Class ? PesterLines.FileOf(line.Test) : $"{line.Test.Class}.").Distinct());

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
