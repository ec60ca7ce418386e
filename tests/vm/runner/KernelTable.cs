using System.Globalization;
using System.Text;

namespace EbpfPs.GuestRunner;

/// <summary>What a run of the matrix comes to: the table, the failures, the counts.</summary>
internal static class KernelTable
{
    /// <summary>Why a test with the trait Load=heavy is skipped in a guest.</summary>
    public const string HeavyReason = "heavy load: only outside the emulated machines";

    /// <summary>Why a test with the trait Load=compiler is skipped in a guest without one.</summary>
    public const string CompilerReason = "compiles C, which takes half a minute there: tests/vm/run.sh --compiler";

    /// <summary>Why a test with the trait Load=agent is skipped in all guests of a whole run but the first.</summary>
    public const string AgentReason = "the agent is the same program over the same engine: of the emulated machines only in the first";

    /// <summary>A test that none of so many kernels can run has a requirement that is wrong.</summary>
    private const int WholeMatrix = 4;

    private const string WholeFile = "vm-table.md";
    private const string ShortFile = "vm-short.md";
    private const string Begin = "<!-- kernels:begin: made by tests/vm/run.sh --record -->";
    private const string End = "<!-- kernels:end -->";

    /// <summary>Prints and writes the table; the last line counts.</summary>
    /// <returns>0 when no test failed.</returns>
    public static int Print(string folder, string text, string[] guests)
    {
        TestName[] expected = TestRun.List(text).ToArray();
        KernelResults[] kernels = KernelResults.ReadAll(folder, guests, expected);
        foreach (KernelResults kernel in kernels)
        {
            JUnitFile.Write(Path.Combine(folder, $"vm-{kernel.Label}.xml"), kernel);
        }

        TestName[] nowhere = Nowhere(kernels).ToArray();
        WriteLines(Path.Combine(folder, "vm.tsv"), kernels, nowhere);
        string table = TableText.Whole(kernels) + "\n" + TableText.Legend(kernels);
        File.WriteAllText(Path.Combine(folder, WholeFile), table);
        File.WriteAllText(Path.Combine(folder, ShortFile), $"{TableText.Short(kernels)}\n{TableText.Date()}, Debian's own kernels, emulated.");
        Console.Write(table);
        Console.Write(Failures(kernels, nowhere));
        int failed = kernels.Sum(kernel => kernel.Count(Outcome.Failed)) + nowhere.Length;
        Console.WriteLine(
            $"{kernels.Sum(kernel => kernel.Count(Outcome.Passed))} passed, {failed} failed, {kernels.Sum(kernel => kernel.Count(Outcome.Skipped))} skipped");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>What failed in a guest, as the text of another run.</summary>
    public static string FailedClasses(string folder, string text, string guest) =>
        KernelResults.ReadAll(folder, [guest], TestRun.List(text).ToArray()).Single().FailedClasses();

    /// <summary>Puts the last run's table into README.md and docs/kernels.md, between their marks.</summary>
    public static void Record(string folder, string root)
    {
        Replace(Path.Combine(root, "README.md"), File.ReadAllText(Path.Combine(folder, ShortFile)));
        Replace(Path.Combine(root, "docs", "kernels.md"), File.ReadAllText(Path.Combine(folder, WholeFile)));
    }

    private static void Replace(string file, string table)
    {
        string text = File.ReadAllText(file);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidDataException($"{file} has no {Begin} and {End}.");
        }

        File.WriteAllText(file, $"{text[..begin]}{Begin}\n{table.TrimEnd('\n')}\n{text[end..]}");
    }

    /// <summary>All results in one file: outcome, name and message, as test.sh adds them up.</summary>
    private static void WriteLines(string path, KernelResults[] kernels, TestName[] nowhere)
    {
        IEnumerable<string> lines = kernels.SelectMany(kernel => kernel.Lines.Select(line => $"{line.Outcome}\t{kernel.Label} {Flat(line.Test.ToString())}\t{Flat(line.Text)}"));
        File.WriteAllLines(path, lines.Concat(nowhere.Select(test => $"{Outcome.Failed}\t{Flat(test.ToString())}\tran in no kernel")));
    }

    private static string Flat(string text) => string.Join(' ', text.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Tests that each kernel skipped, those aside that are the host's to run. A theory that is skipped as a whole is one test, without arguments.</summary>
    private static IEnumerable<TestName> Nowhere(KernelResults[] kernels)
    {
        if (kernels.Length < WholeMatrix || kernels.Any(kernel => !kernel.Booted))
        {
            return [];
        }

        TestLine[] all = [.. kernels.SelectMany(kernel => kernel.Lines).Where(line => line.Test.Class != PesterLines.Class)];
        HashSet<TestName> ran = [.. all.Where(line => line.Outcome != Outcome.Skipped).SelectMany(line => new[] { line.Test, line.Test with { Name = line.Test.Name.Split('(')[0] } })];
        return all.Where(line => !ran.Contains(line.Test)).GroupBy(line => line.Test)
            .Where(lines => lines.All(line => line.Text is not (HeavyReason or CompilerReason)))
            .Select(lines => lines.Key);
    }

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
}
