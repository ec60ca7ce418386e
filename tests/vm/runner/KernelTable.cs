using System.Globalization;
using System.Text;
using EbpfPs.Probes;

namespace EbpfPs.GuestRunner;

/// <summary>The table that all is for: kernels across, probes and the other classes of tests down.</summary>
internal static class KernelTable
{
    /// <summary>Why a test with the trait Load=heavy is skipped in a guest.</summary>
    public const string HeavyReason = "heavy load: only outside the emulated machines";

    /// <summary>A test that none of so many kernels can run has a requirement that is wrong.</summary>
    private const int WholeMatrix = 4;

    private const string Suffix = "Tests";

    /// <summary>Prints and writes the table; the last line counts.</summary>
    /// <returns>0 when no test failed.</returns>
    public static int Print(string folder, string text, string[] labels)
    {
        TestName[] expected = TestRun.List(text).ToArray();
        KernelResults[] kernels = labels.Select(label => KernelResults.Read(folder, label, expected)).ToArray();
        foreach (KernelResults kernel in kernels)
        {
            JUnitFile.Write(Path.Combine(folder, $"vm-{kernel.Label}.xml"), kernel);
        }

        TestName[] nowhere = Nowhere(kernels).ToArray();
        WriteLines(Path.Combine(folder, "vm.tsv"), kernels, nowhere);
        string table = Table(kernels) + "\n" + Legend(kernels);
        File.WriteAllText(Path.Combine(folder, "vm-table.md"), table);
        Console.Write(table);
        Console.Write(Failures(kernels, nowhere));
        int failed = kernels.Sum(kernel => kernel.Count(Outcome.Failed)) + nowhere.Length;
        Console.WriteLine(
            $"{kernels.Sum(kernel => kernel.Count(Outcome.Passed))} passed, {failed} failed, {kernels.Sum(kernel => kernel.Count(Outcome.Skipped))} skipped");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>All results in one file: outcome, name and message, as test.sh adds them up.</summary>
    private static void WriteLines(string path, KernelResults[] kernels, TestName[] nowhere)
    {
        IEnumerable<string> lines = kernels.SelectMany(kernel => kernel.Lines.Select(line => $"{line.Outcome}\t{kernel.Label} {Flat(line.Test.ToString())}\t{Flat(line.Text)}"));
        File.WriteAllLines(path, lines.Concat(nowhere.Select(test => $"{Outcome.Failed}\t{Flat(test.ToString())}\tran in no kernel")));
    }

    private static string Flat(string text) => string.Join(' ', text.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static string Table(KernelResults[] kernels)
    {
        string[] classes = kernels.SelectMany(kernel => kernel.Lines).Select(line => line.Test.Class).Distinct()
            .OrderBy(name => IsProbe(RowName(name)) ? 0 : 1).ThenBy(RowName, StringComparer.Ordinal).ToArray();
        List<string[]> rows = [["", .. kernels.Select(kernel => kernel.Release)]];
        rows.AddRange(classes.Select(name => (string[])[RowName(name), .. kernels.Select(kernel => Cell(kernel, name))]));
        rows.Add(["all", .. kernels.Select(kernel => Cell(kernel, null))]);
        int[] widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        rows.Insert(1, widths.Select(width => new string('-', width)).ToArray());
        StringBuilder table = new();
        foreach (string[] row in rows)
        {
            table.Append("| ").AppendJoin(" | ", row.Select((cell, column) => cell.PadRight(widths[column]))).Append(" |\n");
        }

        return table.ToString();
    }

    private static string Cell(KernelResults kernel, string? testClass)
    {
        int passed = kernel.Count(Outcome.Passed, testClass);
        int failed = kernel.Count(Outcome.Failed, testClass);
        int skipped = kernel.Count(Outcome.Skipped, testClass);
        List<string> parts = [];
        if (failed > 0)
        {
            parts.Add($"**{failed} FAILED**");
        }

        if (passed > 0)
        {
            parts.Add($"{passed} passed");
        }

        if (skipped > 0)
        {
            parts.Add($"{skipped} skipped");
        }

        return parts.Count == 0 ? "-" : string.Join(", ", parts);
    }

    /// <summary>The date, and why what was skipped was: each reason once, with its kernels and tests.</summary>
    private static string Legend(KernelResults[] kernels)
    {
        StringBuilder legend = new();
        legend.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}. Each cell counts the tests of tests/kernel that ran in that kernel.\n");
        IEnumerable<IGrouping<string, (string Kernel, TestLine Line)>> skipped = kernels
            .SelectMany(kernel => kernel.Lines.Where(line => line.Outcome == Outcome.Skipped).Select(line => (kernel.Label, line)))
            .GroupBy(pair => pair.line.Text);
        foreach (IGrouping<string, (string Kernel, TestLine Line)> reason in skipped)
        {
            string where = string.Join(", ", reason.Select(pair => pair.Kernel).Distinct());
            string what = string.Join(", ", reason.Select(pair => $"{pair.Line.Test.Class}.{MethodOf(pair.Line.Test)}").Distinct());
            bool cells = kernels.Any(kernel => !kernel.Booted && kernel.Lines.Any(line => line.Text == reason.Key));
            legend.Append(CultureInfo.InvariantCulture, $"- Skipped in {where}: {reason.Key}: {(cells ? CellsOf(reason) : what)}\n");
        }

        return legend.ToString();
    }

    private static string CellsOf(IEnumerable<(string Kernel, TestLine Line)> skipped) =>
        string.Join(", ", skipped.Select(pair => $"{pair.Kernel}/{RowName(pair.Line.Test.Class)}").Distinct());

    private static IEnumerable<TestName> Nowhere(KernelResults[] kernels) =>
        kernels.Length < WholeMatrix || kernels.Any(kernel => !kernel.Booted)
            ? []
            : kernels.SelectMany(kernel => kernel.Lines).GroupBy(line => line.Test)
                .Where(lines => lines.All(line => line.Outcome == Outcome.Skipped && line.Text != HeavyReason))
                .Select(lines => lines.Key);

    private static string Failures(KernelResults[] kernels, TestName[] nowhere)
    {
        StringBuilder text = new();
        foreach (KernelResults kernel in kernels)
        {
            foreach (IGrouping<string, TestLine> same in kernel.Lines.Where(line => line.Outcome == Outcome.Failed).GroupBy(line => line.Text))
            {
                text.Append(CultureInfo.InvariantCulture, $"\nFAILED in {kernel.Release}: {string.Join(", ", same.Select(line => line.Test))}\n{same.Key}\n");
            }
        }

        foreach (TestName test in nowhere)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nFAILED: {test} ran in no kernel: what it says it needs, none has.\n");
        }

        return text.Append('\n').ToString();
    }

    private static string MethodOf(TestName test) => test.Name.Split('(')[0];

    private static bool IsProbe(string row) => ProbeCatalog.All.Any(probe => probe.Name == row);

    /// <summary>ExitTests: exit; MapAccessTests: map access.</summary>
    private static string RowName(string testClass)
    {
        string name = testClass.EndsWith(Suffix, StringComparison.Ordinal) ? testClass[..^Suffix.Length] : testClass;
        return string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
    }
}
