using EbpfPs.Codegen;

namespace EbpfPs.UnitTests;

/// <summary>What clang prints, as objects.</summary>
public sealed class CompilerDiagnosticTests
{
    private const string Source = "int hello(void *ctx)\n{\n\treturn \u00e4x;\n}\n";

    [Fact]
    public void ReadsPlaceAndMessageAndShowsTheUsersLine()
    {
        CompilerDiagnostic found = Assert.Single(CompilerDiagnostic.Read("source.c:3:11: error: use of undeclared identifier 'x'\n1 error generated.\n", "source.c", Source));

        Assert.Equal((DiagnosticSeverity.Error, "source.c", 3, 11), (found.Severity, found.File, found.Line, found.Column));
        Assert.Equal("use of undeclared identifier 'x'", found.Message);
        Assert.Equal("\treturn \u00e4x;", found.Text);
        Assert.Equal("source.c:3:11: use of undeclared identifier 'x'\n\treturn \u00e4x;\n\t        ^", found.ToString());
    }

    [Fact]
    public void ReadsWarningsWithoutTheirOptionAndLeavesNotesOut()
    {
        CompilerDiagnostic found = Assert.Single(CompilerDiagnostic.Read(
            "source.c:1:5: warning: unused variable 'y' [-Wunused-variable]\nheaders/bcc.bpf.h:5:1: note: expanded from macro\n", "source.c", Source));

        Assert.Equal((DiagnosticSeverity.Warning, "unused variable 'y'"), (found.Severity, found.Message));
    }

    [Theory]
    [InlineData("clang: error: unknown argument: '-x'\n", "unknown argument: '-x'")]
    [InlineData("fatal error: error in backend: no\n", "error in backend: no")]
    public void ReadsWhatIsNoLinesFault(string printed, string message)
    {
        CompilerDiagnostic found = Assert.Single(CompilerDiagnostic.Read(printed, "source.c", Source));

        Assert.Equal((0, "", message), (found.Line, found.Text, found.ToString()));
    }

    [Theory]
    [InlineData("other.h:3:1: error: no\n")]
    [InlineData("source.c:99:1: error: no\n")]
    public void ALineThatIsNotTheSourcesHasNoText(string printed) =>
        Assert.Equal("", Assert.Single(CompilerDiagnostic.Read(printed, "source.c", Source)).Text);

    [Fact]
    public void TakesTheNewestCompilerOfThePathAndSaysWhichPackageHasIt()
    {
        string folder = Directory.CreateTempSubdirectory("ebpfps-test-").FullName;
        try
        {
            EbpfException error = Assert.Throws<EbpfException>(() => Clang.Find(folder));
            Assert.Equal(EbpfErrorId.CompilerMissing, error.Id);
            Assert.Contains("apt install clang", error.Hint, StringComparison.Ordinal);

            foreach (string name in new[] { "clang-9", "clang-14", "clang-format-15", "clang-cpp-16" })
            {
                File.WriteAllText(Path.Combine(folder, name), "");
            }

            Assert.Equal(Path.Combine(folder, "clang-14"), Clang.Find("/nowhere:" + folder));
            File.WriteAllText(Path.Combine(folder, "clang"), "");
            Assert.Equal(Path.Combine(folder, "clang"), Clang.Find(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
