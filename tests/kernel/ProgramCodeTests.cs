using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Instructions of programs as bpftool writes them, and how often programs ran.</summary>
public sealed partial class ProgramCodeTests : KernelTest
{
    /// <remarks>bpftool reads all of the kernel's symbols for each program: in an emulated machine for a second.</remarks>
    [Fact]
    public void TheInstructionsOfEveryProbeAreThoseOfBpftool()
    {
        string[] probes = Machine.IsEmulated ? ["exec", "exit"] : [.. ProbeCatalog.All.Select(probe => probe.Name)];
        using ProbeSession session = ProbeSession.Start(Recorder.Options(string.Join(',', probes)));
        SystemProgram[] own = [.. ProgramCatalog.All().Where(program => program.Owner.Any(owner => owner.ProcessId == Environment.ProcessId))];

        Assert.InRange(own.Length, 3 * probes.Length, 100);
        ProgramCode code = new();
        int instructions = 0, withSource = 0, functions = 0;
        foreach (SystemProgram program in own)
        {
            ProgramInstruction[] read = [.. code.Read(program)];
            JsonElement[] told = [.. BpftoolJson.Json("prog", "dump", "xlated", "id", $"{program.Id}").EnumerateArray()];
            Assert.Equal(told.Select(one => SymbolOfCall().Replace(one.GetProperty("disasm").GetString()!, "$1")), read.Select(one => one.Text));
            Assert.Equal(told.Select(SourceOf).Select(WithoutAssembly), read.Select(one => WithoutAssembly(one.Source)));
            Assert.Equal(program.TranslatedSize / 8, read[^1].Index + 1);
            instructions += read.Length;
            withSource += read.Count(one => one.Line > 0 && Path.GetFileNameWithoutExtension(one.File).EndsWith(".bpf", StringComparison.Ordinal));
            functions += read.Count(one => one.Function.Length > 0);
        }

        Assert.InRange(instructions, 2_000, 1_000_000);
        Assert.InRange(withSource, instructions / 10, instructions);
        Assert.InRange(functions, own.Length, instructions);
    }

    [Fact]
    public void ARunIsCountedWhileStatisticsAreOn()
    {
        const int Calls = 5_000;
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "links.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("links", image);
        opened.LoadOnly(["counts_every_getpriority"]);
        using BpfObject loaded = opened.Load();
        using BpfLink link = loaded.Programs[0].Attach();
        SystemProgram program = ProgramCatalog.All().Last(one => one.Name == "counts_every_getpriority");

        ProgramStatistics measured;
        using (new RunStatistics())
        {
            measured = Assert.Single(RunStatistics.Measure([program], () => Call(Calls)));
        }

        Assert.InRange(measured.RunCount, Calls, Calls + 500);
        Assert.InRange(measured.RunTimeNs, Calls, measured.Elapsed.TotalNanoseconds * 2);
        Assert.InRange(measured.MeanNs, measured.RunTimeNs / (Calls + 500), measured.RunTimeNs / Calls + 1);
        Assert.Equal(measured.RunCount / measured.Elapsed.TotalSeconds, measured.RunsPerSecond, 3);
    }

    private static string SourceOf(JsonElement instruction) =>
        instruction.TryGetProperty("src", out JsonElement source) ? source.GetString()!.Trim() : "";

    /// <summary>The backslashes of assembly in C come out of bpftool as escapes of JSON, and so as something else.</summary>
    private static string WithoutAssembly(string source) => source.StartsWith("asm volatile(", StringComparison.Ordinal) ? "asm" : source;

    /// <summary>bpftool adds the symbol, from /proc/kallsyms, to a call within the program.</summary>
    [GeneratedRegex(@"(call pc[+-]\d+)#.*")]
    private static partial Regex SymbolOfCall();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getpriority(int which, uint who);

    private static void Call(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _ = getpriority(0, 0);
        }
    }
}
