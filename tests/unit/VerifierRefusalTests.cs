using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>What is made of the verifier's words; those of kernels that the tests of real programs don't meet too.</summary>
public sealed class VerifierRefusalTests
{
    /// <summary>Linux 7.3 explains itself behind the reason; shortened.</summary>
    private const string Linux73 = """
        arg#0 reference type('UNKNOWN ') size cannot be determined: -22
        0: R1=ctx() R10=fp0
        ; __u64 *record = bpf_ringbuf_reserve(&ring, 8, 0); @ own.bpf.c:173
        4: (85) call bpf_ringbuf_reserve#131          ; R0=ringbuf_mem_or_null(id=2,sz=8) refs=2
        ; return 0; @ own.bpf.c:177
        9: (95) exit
        Unreleased reference id=2 alloc_insn=4

        Verification failed: Resource Lifetime Safety: Unreleased resource

        Reason:
          Owned resource (id=2) was acquired at instruction 4 and still needs to be released before this
          exit path.

        At:
          keeps @ own.bpf.c:177:2
          Source context:
          >>> 177 |         return 0;
                  |         ^-- error: owned resource (id=2) still needs release

        Suggestion:
          Release or transfer ownership of the acquired resource on every path before the program exits.

        BPF_EXIT instruction in main prog would lead to reference leak
        processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
        """;

    [Fact]
    public void ANewKernelsReportIsNoReason()
    {
        VerifierLog log = Find(Linux73);

        Assert.Equal("Unreleased reference id=2 alloc_insn=4", log.Reason);
        Assert.Equal(
            "The kernel's verifier refused program 'keeps': it ends without giving back what it took, at line 177 of own.bpf.c, `return 0;` (instruction 9, `exit`).",
            log.Sentence);
        Assert.StartsWith("Give it back on every path: bpf_ringbuf_submit()", log.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void AReportAboutWhatIsNotKnownGivesCauseAndAdvice()
    {
        VerifierLog log = Find(Linux73.Replace("Unreleased reference id=2 alloc_insn=4", "words of a kernel to come", StringComparison.Ordinal));

        Assert.Equal("Owned resource (id=2) was acquired at instruction 4 and still needs to be released before this exit path", log.Cause);
        Assert.Equal("Release or transfer ownership of the acquired resource on every path before the program exits.", log.Advice);
        Assert.Equal("words of a kernel to come", log.Reason);
    }

    [Theory]
    [InlineData("back-edge from insn 5 to 2", "it has a loop, which this kernel allows to privileged users only, or to nobody before Linux 5.3")]
    [InlineData("The sequence of 8193 jumps is too complex.", "it branches 8193 times in a row without its paths meeting again")]
    [InlineData("R1 type=inv expected=map_ptr", "argument 1 of the call is a number, which the helper doesn't take there")]
    [InlineData("R2 type=map_value_or_null expected=fp, pkt", "it uses a map's value that may be null")]
    [InlineData("R0 pointer arithmetic on mem_or_null prohibited, null-check it first", "it uses reserved memory that may be null")]
    [InlineData("R0 invalid mem access 'sock_or_null'", "it uses a socket that may be null")]
    [InlineData("R0 invalid mem access 'trusted_ptr_or_null_'", "it uses a pointer that may be null")]
    [InlineData("R0 invalid mem access 'inv'", "it uses a number as a pointer")]
    [InlineData("invalid stack off=-520 size=8", "it reads or writes outside its stack, or at an offset on it that isn't constant")]
    [InlineData("invalid indirect read from stack off -16+0 size 16", "it reads memory on the stack that nothing was stored in, or outside the stack")]
    [InlineData("At program exit the register R0 has value (0x4d; 0x0) should have been in (0x0; 0x3)", "it returns 77, where a program of this type may return 0 to 3")]
    [InlineData("At program exit the register R0 has smin=77 smax=77 should have been in [0, 3]", "it returns 77, where a program of this type may return 0 to 3")]
    [InlineData("At program exit the register R0 has unknown scalar value should have been in [0, 0]", "it can return a value of unknown range, where a program of this type may return only 0")]
    [InlineData("unknown func bpf_xdp_adjust_head#44", "it calls bpf_xdp_adjust_head(), which this type of program can't call on this kernel")]
    [InlineData("access beyond struct task_struct at off 99999 size 8", "it reads beyond the end of struct task_struct")]
    [InlineData("BPF map 'ring' is referenced but wasn't created", "it uses map 'ring', which was left out")]
    [InlineData("words of a kernel to come", "words of a kernel to come")]
    public void SaysWhyInTheSameWordsForEachWording(string said, string cause) => Assert.Equal(cause, Find(said).Cause);

    [Theory]
    [InlineData("unreachable insn 2", 2)]
    [InlineData("infinite loop detected at insn 7\ncur state: R1=1 R10=fp0\nold state: R1=1 R10=fp0", 7)]
    [InlineData("last insn is not an exit or jmp", null)]
    public void TakesTheInstructionFromTheReasonWhereItStands(string said, int? instruction)
    {
        VerifierLog log = Find(said);

        Assert.Equal(instruction, log.Instruction);
        Assert.Equal("", log.InstructionText);
    }

    [Fact]
    public void ALineWithoutItsNumberIsStillShown()
    {
        VerifierLog log = Find("; return *value;\n7: (79) r0 = *(u64 *)(r0 +0)\n R0_w=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0) R10=fp0\nR0 invalid mem access 'map_value_or_null'");

        Assert.EndsWith(", at `return *value;` (instruction 7, `r0 = *(u64 *)(r0 +0)`).", log.Sentence, StringComparison.Ordinal);
    }

    /// <summary>Whatever bytes an object has, its lines are either read or not there.</summary>
    [Fact]
    public void LinesOfACorruptObjectAreNotThere()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "refused.bpf.o"));
        SourceLine whole = LineTable.Read(image).Find("reads_null", 7)!;
        Assert.Equal(("refused.bpf.c", "return *value; /* fault: reads_null */"), (whole.File, whole.Text));

        Random random = new(5);
        for (int round = 0; round < 2000; round++)
        {
            byte[] corrupt = round % 2 == 0 ? image[..random.Next(image.Length)] : [.. image];
            for (int i = 0; i < 20 && corrupt.Length > 0; i++)
            {
                corrupt[random.Next(Math.Min(corrupt.Length, i % 2 == 0 ? 64 : corrupt.Length))] = (byte)random.Next(256);
            }

            LineTable.Read(corrupt).Find("reads_null", 7);
        }
    }

    private static VerifierLog Find(string text) =>
        VerifierLog.Find($"libbpf: prog 'keeps': -- BEGIN PROG LOAD LOG --\n{text}\n-- END PROG LOAD LOG --\n")!;
}
