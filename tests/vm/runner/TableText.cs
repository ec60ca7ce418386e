using System.Globalization;
using System.Text;
using EbpfPs.Probes;

namespace EbpfPs.GuestRunner;

/// <summary>The table in Markdown: kernels across, probes and the other classes of tests down.</summary>
internal static class TableText
{
    private const string Suffix = "Tests";

    /// <summary>A row for each class of tests.</summary>
    public static string Whole(KernelResults[] kernels)
    {
        string[] classes = kernels.SelectMany(kernel => kernel.Lines).Select(line => line.Test.Class).Distinct()
            .OrderBy(name => ProbeOf(name) is null ? 1 : 0).ThenBy(RowName, StringComparer.Ordinal).ToArray();
        return Table(kernels, classes.Select(name => (RowName(name), (Func<TestLine, bool>)(line => line.Test.Class == name))));
    }

    /// <summary>A row for each probe, one for the Pester suite, and one for all other tests.</summary>
    public static string Short(KernelResults[] kernels)
    {
        IEnumerable<(string, Func<TestLine, bool>)> probes = ProbeCatalog.All.Select(probe => probe.Name).Order(StringComparer.Ordinal)
            .Select(name => ($"`{name}`", (Func<TestLine, bool>)(line => ProbeOf(line.Test.Class) == name)));
        return Table(kernels,
        [
            .. probes,
            ("everything else", line => ProbeOf(line.Test.Class) is null && line.Test.Class != PesterLines.Class),
            ("in PowerShell (Pester)", line => line.Test.Class == PesterLines.Class),
        ]);
    }

    /// <summary>The date, and why what was skipped was: each reason once, with its kernels and tests.</summary>
    public static string Legend(KernelResults[] kernels)
    {
        StringBuilder legend = new();
        legend.Append(CultureInfo.InvariantCulture, $"{Date()}. Each cell counts the tests that ran in that kernel.\n\n");
        IEnumerable<IGrouping<string, (string Kernel, TestLine Line)>> skipped = kernels
            .SelectMany(kernel => kernel.Lines.Where(line => line.Outcome == Outcome.Skipped).Select(line => (kernel.Label, line)))
            .GroupBy(pair => pair.line.Text);
        foreach (IGrouping<string, (string Kernel, TestLine Line)> reason in skipped)
        {
            string where = string.Join(", ", reason.Select(pair => pair.Kernel).Distinct());
            bool cells = kernels.Any(kernel => !kernel.Booted && kernel.Lines.Any(line => line.Text == reason.Key));
            legend.Append(CultureInfo.InvariantCulture, $"- Skipped in {where}: {reason.Key}: {(cells ? CellsOf(reason) : TestsOf(reason))}\n");
        }

        foreach ((string kernel, TestLine line) in kernels.SelectMany(kernel => kernel.Lines.Where(line => line is { Outcome: Outcome.Passed, Text.Length: > 0 }).Select(line => (kernel.Label, line))))
        {
            legend.Append(CultureInfo.InvariantCulture, $"- Failed in {kernel}, and passed when it was run again: {line.Test}\n");
        }

        return legend.ToString();
    }

    /// <summary>The day of the run.</summary>
    public static string Date() => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Table(KernelResults[] kernels, IEnumerable<(string Name, Func<TestLine, bool> Has)> areas)
    {
        List<string[]> rows = [["", .. kernels.Select(kernel => kernel.Release)]];
        rows.AddRange(areas.Select(area => (string[])[area.Name, .. kernels.Select(kernel => Cell(kernel.Lines.Where(area.Has)))]));
        rows.Add(["all", .. kernels.Select(kernel => Cell(kernel.Lines))]);
        int[] widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        rows.Insert(1, widths.Select(width => new string('-', width)).ToArray());
        StringBuilder table = new();
        foreach (string[] row in rows)
        {
            table.Append("| ").AppendJoin(" | ", row.Select((cell, column) => cell.PadRight(widths[column]))).Append(" |\n");
        }

        return table.ToString();
    }

    private static string Cell(IEnumerable<TestLine> lines)
    {
        ILookup<Outcome, TestLine> outcomes = lines.ToLookup(line => line.Outcome);
        int second = outcomes[Outcome.Passed].Count(line => line.Text.Length > 0);
        string[] parts =
        [
            outcomes[Outcome.Failed].Any() ? $"**{outcomes[Outcome.Failed].Count()} FAILED**" : "",
            outcomes[Outcome.Passed].Any() ? $"{outcomes[Outcome.Passed].Count()} passed{(second > 0 ? $" ({second} at the second try)" : "")}" : "",
            outcomes[Outcome.Skipped].Any() ? $"{outcomes[Outcome.Skipped].Count()} skipped" : "",
        ];
        string text = string.Join(", ", parts.Where(part => part.Length > 0));
        return text.Length == 0 ? "-" : text;
    }

    private static string CellsOf(IEnumerable<(string Kernel, TestLine Line)> skipped) =>
        string.Join(", ", skipped.Select(pair => $"{pair.Kernel}/{RowName(pair.Line.Test.Class)}").Distinct());

    private static string TestsOf(IEnumerable<(string Kernel, TestLine Line)> skipped) =>
        string.Join(", ", skipped.Select(pair => $"{pair.Line.Test.Class}.{pair.Line.Test.Name.Split('(')[0]}").Distinct());

    /// <summary>ExecTests and ExecArgumentTests: exec; null for tests that are of no one probe.</summary>
    private static string? ProbeOf(string testClass) =>
        ProbeCatalog.All.Select(probe => probe.Name).FirstOrDefault(name => name == RowName(testClass).Split(' ')[0]);

    /// <summary>ExitTests: exit; MapAccessTests: map access.</summary>
    private static string RowName(string testClass)
    {
        string name = testClass.EndsWith(Suffix, StringComparison.Ordinal) ? testClass[..^Suffix.Length] : testClass;
        return string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
    }
}
