using EbpfPs.GuestRunner;

namespace EbpfPs.UnitTests;

/// <summary>What a run of the matrix of kernels makes of what its guests left: red or green.</summary>
public sealed class KernelResultsTests : IDisposable
{
    private const string Kernel = "kernel\t6.1.0\n";
    private const string End = "end\n";

    private static readonly TestName[] _expected = [new("OpenTests", "A"), new("OpenTests", "B"), new("ExecTests", "C")];

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-kernels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatPassedIsCounted()
    {
        KernelResults results = Read(Kernel + Line("Passed", "OpenTests", "A") + Line("Passed", "OpenTests", "B") + Line("Skipped", "ExecTests", "C") + End);

        Assert.Equal(("6.1.0", true, 2, 0, 1), (results.Release, results.Booted, results.Count(Outcome.Passed), results.Count(Outcome.Failed), results.Count(Outcome.Skipped)));
        Assert.Empty(results.FailedClasses());
    }

    [Fact]
    public void WhatFailedAndPassesInTheSecondBootPassedAndSaysSo()
    {
        string first = Kernel + Line("Failed", "OpenTests", "A", "too slow") + Line("Passed", "OpenTests", "B") + Line("Passed", "ExecTests", "C") + End;

        Assert.Equal("OpenTests.", Read(first).FailedClasses());
        KernelResults results = Read(first, Kernel + Line("Passed", "OpenTests", "A") + End);
        Assert.Equal((3, 0), (results.Count(Outcome.Passed), results.Count(Outcome.Failed)));
        Assert.Equal("too slow", results.Lines.Single(line => line.Test == _expected[0]).Text);
    }

    [Fact]
    public void WhatFailsInBothBootsFailed()
    {
        string failed = Kernel + Line("Failed", "OpenTests", "A", "wrong") + End;

        Assert.Equal(1, Read(failed + Line("Passed", "OpenTests", "B"), failed).Count(Outcome.Failed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Started\tOpenTests\tB\t0\t\n")]
    public void AGuestThatDiedStaysAFailureWhateverTheSecondBootSays(string last)
    {
        string first = Kernel + Line("Passed", "OpenTests", "A") + last;
        KernelResults died = Read(first);
        Assert.Equal((1, 3), (died.Count(Outcome.Passed), died.Count(Outcome.Failed)));
        Assert.Equal("OpenTests.,ExecTests.", died.FailedClasses());

        KernelResults results = Read(first, Kernel + string.Concat(_expected.Select(test => Line("Passed", test.Class, test.Name))) + End);
        Assert.Equal([TestName.CameToItsEnd], results.Lines.Where(line => line.Outcome == Outcome.Failed).Select(line => line.Test));
        Assert.Equal(3, results.Count(Outcome.Passed));
    }

    [Fact]
    public void AGuestThatNeverSpokeFailsEachTest()
    {
        KernelResults results = Read("");

        Assert.Equal((0, _expected.Length + 1), (results.Count(Outcome.Passed), results.Count(Outcome.Failed)));
    }

    [Fact]
    public void AKernelThatCantBeHadIsSkippedAndOneThatShouldBeIsAFailure()
    {
        File.WriteAllText(Path.Combine(_folder, "vm-6.1.reason"), "no mirror\n");
        KernelResults skipped = ReadAll();
        Assert.Equal((false, 3, 0), (skipped.Booted, skipped.Count(Outcome.Skipped), skipped.Count(Outcome.Failed)));

        File.WriteAllText(Path.Combine(_folder, "vm-6.1.defect"), "no modules\n");
        TestLine failed = Assert.Single(ReadAll().Lines);
        Assert.Equal((Outcome.Failed, "no modules"), (failed.Outcome, failed.Text));
        Assert.Empty(ReadAll().FailedClasses());
    }

    private static string Line(string outcome, string testClass, string name, string text = "") => $"{outcome}\t{testClass}\t{name}\t5\t{text}\n";

    private KernelResults Read(string first, string? second = null)
    {
        File.WriteAllText(Path.Combine(_folder, "vm-6.1.tsv"), first);
        if (second is not null)
        {
            File.WriteAllText(Path.Combine(_folder, "vm-6.1.again.tsv"), second);
        }

        return ReadAll();
    }

    private KernelResults ReadAll() => KernelResults.ReadAll(_folder, ["6.1"], _expected).Single();
}
