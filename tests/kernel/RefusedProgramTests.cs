using System.Globalization;
using EbpfPs.Bpf;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Programs that the verifier refuses, each for one reason (tests/objects/refused.bpf.c), and what is said about it. The
/// kernel's wording differs from version to version, the sentences here don't.
/// </summary>
public sealed class RefusedProgramTests : KernelTest
{
    private const string Range = "it can reach outside ";

    [Theory]
    [InlineData("reads_null", "it uses a map's value that may be null", "if (!value) return 0;")]
    [InlineData("reads_beyond_value", Range + "a map's value of 8 bytes (8 bytes at offset 8)", "if (i >= sizeof(array)) return 0;")]
    [InlineData("index_unbounded", "it adds a number of unknown range to a pointer", "if (i >= sizeof(array)) return 0;")]
    [InlineData("index_too_large", Range + "a map's value of 64 bytes (1 byte at offset 255)", "i &= sizeof(array) - 1")]
    [InlineData("reads_number", "it uses a number as a pointer", "BPF_CORE_READ()")]
    [InlineData("reads_beyond_context", "it reads or writes 4 bytes at offset 4096 of its context, which this type of program doesn't have", "fields by name")]
    [InlineData("writes_constant", "it writes to memory that it may only read", "const volatile")]
    [InlineData("loops_forever", "it has a loop that doesn't end", "bpf_loop()")]
    [InlineData("writes_beyond_stack", "it reads or writes outside its stack, or at an offset on it that isn't constant", "per-CPU array map")]
    [InlineData("reads_unset_register", "it uses register R5, which nothing was put in", "when it is declared")]
    [InlineData("returns_nothing", "it ends, or goes on, without a value in register R0", "return 0;")]
    [InlineData("has_dead_code", "it has an instruction that no path reaches", "dead code")]
    [InlineData("calls_other_types_helper", "it calls bpf_xdp_adjust_head(), which this type of program can't call on this kernel", "bpftool feature probe")]
    [InlineData("keeps_reservation", "it ends without giving back what it took", "bpf_ringbuf_discard()")]
    [InlineData("writes_beyond_record", Range + "reserved memory of 8 bytes (8 bytes at offset 8)", "if (i >= sizeof(array)) return 0;")]
    [InlineData("passes_number", "argument 2 of the call is a number, which the helper doesn't take there", "&key")]
    [InlineData("copies_unbounded", "argument 2 of the call is a size of unknown range", "if (size > sizeof(buffer)) return 0;")]
    [InlineData("masks_pointer", "it calculates with a pointer in a way that can't be checked", "add numbers")]
    [InlineData("moves_context", "it reads its context at an offset that isn't constant", "constant offsets")]
    [InlineData("reads_missing_field", "it uses struct task_struct.no_such_field, which this kernel doesn't have", "bpf_core_field_exists()")]
    [InlineData("reads_packet_unchecked", "it reads or writes bytes that the packet may not have", "data_end")]
    [InlineData("returns_wrong_verdict", "it returns 77, where a program of this type may return 0 to 3", "Return one of the values")]
    public void SaysWhyAndWhereInOneSentence(string program, string cause, string advice) => Check("refused", program, cause, advice);

    /// <summary>The verifier goes through a million instructions for this one.</summary>
    [Fact]
    [Trait("Load", "heavy")]
    public void SaysThatThePathsAreTooLong() =>
        Check("refused", "loops_too_long", "its paths have more than 1,000,000 instructions together", "bpf_tail_call()");

    [Fact]
    public void SaysThatALicenceIsMissing() =>
        Check("unlicensed", "calls_gpl_helper", "it calls a helper that only programs under the GPL may call", "SEC(\"license\")");

    [Fact]
    public void SaysThatTheStackOfAllFunctionsIsTooLarge()
    {
        EbpfException error = Refusal("refused", "uses_much_stack");

        // Each function's stack is counted in units of 32 bytes or, since Linux 6.4, of 16.
        Assert.Contains(
            error.Message,
            new[] { 640, 608 }.Select(size =>
                $"The kernel's verifier refused program 'uses_much_stack': its functions together use {size} bytes of stack, and 512 are all."));
        Assert.Contains("per-CPU array map", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesNoLineWhereTheVerifierNamesNoInstruction() =>
        Assert.Equal("The kernel's verifier refused program 'has_no_end': it runs past its end.", Refusal("refused", "has_no_end").Message);

    /// <summary>The instruction's text is there wherever the verifier came to the instruction.</summary>
    [Fact]
    public void ShowsTheInstruction() =>
        Assert.EndsWith(" (instruction 7, `r0 = *(u64 *)(r0 +0)`).", Refusal("refused", "reads_null").Message, StringComparison.Ordinal);

    private static void Check(string name, string program, string cause, string advice)
    {
        EbpfException error = Refusal(name, program);

        string source = Path.Combine(AppContext.BaseDirectory, "objects", name + ".bpf.c");
        (string text, int number) = File.ReadLines(source).Select((line, index) => (line.Trim(), index + 1))
            .Single(line => line.Item1.EndsWith($"/* fault: {program} */", StringComparison.Ordinal));
        string sentence = $"The kernel's verifier refused program '{program}': {cause}, at line "
            + number.ToString(CultureInfo.InvariantCulture) + $" of {name}.bpf.c, `{text}` (instruction ";
        Assert.Equal(sentence, error.Message[..Math.Min(sentence.Length, error.Message.Length)]);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains(advice, error.Hint, StringComparison.Ordinal);
        Assert.Contains("processed ", error.VerifierLog, StringComparison.Ordinal);
    }

    private static EbpfException Refusal(string name, string program)
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", name + ".bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open(name, image);
        opened.LoadOnly([program]);
        EbpfException error = Assert.Throws<EbpfException>(opened.Load);
        Assert.Equal((EbpfErrorId.VerifierRefused, name), (error.Id, error.Target));
        return error;
    }
}
