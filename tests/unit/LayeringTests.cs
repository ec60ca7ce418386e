using System.Text.RegularExpressions;

namespace EbpfPs.UnitTests;

/// <summary>
/// The rooms of the project and the one-way arrows between them (docs/architecture.md), read from the sources. A
/// test lists the files that break its rule, so that the failure says where.
/// </summary>
public sealed class LayeringTests
{
    private const string Engine = "src/EbpfPs.Engine";

    [Fact]
    public void OnlyInteropImportsNativeFunctions() =>
        AssertNone("src", @"\b(LibraryImport|DllImport)\b", path => path.StartsWith(Engine + "/Interop/", StringComparison.Ordinal));

    [Fact]
    public void OnlyInteropAndTheRingHoldRawPointers() =>
        AssertNone(
            "src",
            @"\bunsafe\b|\bfixed\s*\(|\bstackalloc\s+\w+\s*\[[^\]]*\]\s*\*|\b(byte|void|sbyte|int|uint|long|ulong)\s*\*",
            path => path.StartsWith(Engine + "/Interop/", StringComparison.Ordinal) || path == Engine + "/Bpf/RingMemory.cs");

    [Fact]
    public void TheEngineDoesNotKnowPowerShell() =>
        AssertNone(Engine, @"System\s*\.\s*Management\s*\.\s*Automation|\bPSCmdlet\b");

    [Fact]
    public void EventsStandAlone() => AssertNone(Engine + "/Events", Room("Interop|Bpf|Probes|Codegen"));

    [Fact]
    public void BpfKnowsNothingAboveIt() => AssertNone(Engine + "/Bpf", Room("Probes|Events|Codegen"));

    [Fact]
    public void InteropKnowsNothingAboveIt() =>
        AssertNone(Engine + "/Interop", Room("Probes|Codegen|Bpf"));

    [Fact]
    public void NothingOutsideTheEngineReachesIntoInterop() =>
        AssertNone("src", Room("Interop"), path => path.StartsWith(Engine + "/", StringComparison.Ordinal));

    [Fact]
    public void NoFileIsLongerThanThreeHundredLines()
    {
        IEnumerable<string> files = Sources.Below("src", ".cs", ".sh", ".ps1")
            .Concat(Sources.Below("bpf", ".c", ".h"))
            .Concat(Sources.Below("tests", ".cs", ".ps1"));

        Assert.Empty(files
            .Select(path => (Path: path, Lines: File.ReadLines(Path.Combine(Sources.Root, path)).Count()))
            .Where(file => file.Lines > 300)
            .Select(file => $"{file.Path} has {file.Lines} lines"));
    }

    [Fact]
    public void TheRulesSeeCodeAndNotWhatStandsInCommentsOrStrings()
    {
        string code = Sources.Code("tests/unit/LayeringTests.cs");

        Assert.Contains("class LayeringTests", code, StringComparison.Ordinal);
        Assert.DoesNotContain("one-way arrows", code, StringComparison.Ordinal);
        Assert.DoesNotContain("DllImport", code, StringComparison.Ordinal);
    }

    /// <summary>Code that imports one of these namespaces of the engine, or names something in it.</summary>
    private static string Room(string names) => $@"\busing\s+(static\s+)?EbpfPs\.({names})\b|(?<![\w.])(EbpfPs\.)?({names})\.[A-Z]";

    private static void AssertNone(string folder, string pattern, Func<string, bool>? except = null) =>
        Assert.Empty(Sources.Below(folder, ".cs")
            .Where(path => !(except?.Invoke(path) ?? false))
            .SelectMany(path => Regex.Matches(Sources.Code(path), pattern).Select(match => $"{path}: {match.Value}")));
}
