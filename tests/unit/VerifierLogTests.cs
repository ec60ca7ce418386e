using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>What libbpf 1.1 prints when the verifier refuses a program; the first was captured on Linux 6.18.</summary>
public sealed class VerifierLogTests
{
    private const string Linux618 = """
        libbpf: prog 'reads_beyond': BPF program load failed: Permission denied
        libbpf: prog 'reads_beyond': -- BEGIN PROG LOAD LOG --
        arg#0 reference type('UNKNOWN ') size cannot be determined: -22
        0: R1=ctx() R10=fp0
        ; return *(volatile int *)(ctx + 100000); @ refused.bpf.c:7
        0: (07) r1 += 100000                  ; R1=ctx(off=0x186a0)
        1: (61) r0 = *(u32 *)(r1 +0)
        dereference of modified ctx ptr R1 off=100000 disallowed
        processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
        -- END PROG LOAD LOG --
        libbpf: prog 'reads_beyond': failed to load: -13
        libbpf: failed to load object 'refused.o'

        """;

    private const string WithStatistics = """
        libbpf: prog 'raw_exit': BPF program load failed: Argument list too long
        libbpf: prog 'raw_exit': -- BEGIN PROG LOAD LOG --
        BPF program is too large. Processed 1000001 insn
        verification time 1438291 usec
        stack depth 360+0
        processed 1000001 insns (limit 1000000) max_states_per_insn 37 total_states 30811 peak_states 3120 mark_read 22
        -- END PROG LOAD LOG --
        libbpf: prog 'raw_exit': failed to load: -7

        """;

    [Fact]
    public void FindsProgramTextAndReason()
    {
        VerifierLog log = VerifierLog.Find(Linux618)!;

        Assert.Equal("reads_beyond", log.Program);
        Assert.Equal("dereference of modified ctx ptr R1 off=100000 disallowed", log.Reason);
        Assert.StartsWith("arg#0 reference type", log.Text, StringComparison.Ordinal);
        Assert.EndsWith("mark_read 0", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("libbpf:", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void StatisticsAreNoReason() =>
        Assert.Equal("BPF program is too large. Processed 1000001 insn", VerifierLog.Find(WithStatistics)!.Reason);

    [Fact]
    public void ALogWhoseEndWasCutIsStillRead()
    {
        string cut = Linux618[..Linux618.IndexOf("processed 2", StringComparison.Ordinal)];

        Assert.Equal("dereference of modified ctx ptr R1 off=100000 disallowed", VerifierLog.Find(cut)!.Reason);
    }

    [Fact]
    public void AnEmptyLogSaysSo()
    {
        VerifierLog log = VerifierLog.Find("libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n-- END PROG LOAD LOG --\n")!;

        Assert.Equal(("x", "", "no reason was given."), (log.Program, log.Text, log.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("libbpf: Error in bpf_create_map_xattr(ring):Operation not permitted(-1).\n")]
    [InlineData("libbpf: prog 'x': BPF program load failed: Operation not permitted\n")]
    public void NoVerifierNoLog(string printed) => Assert.Null(VerifierLog.Find(printed));

    [Fact]
    public void AProgramWithoutQuotesHasNoName() =>
        Assert.Equal("?", VerifierLog.Find("-- BEGIN PROG LOAD LOG --\nwhy\n")!.Program);
}
