using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>One instruction of each form, in the words of kernel/bpf/disasm.c.</summary>
public sealed class DisassemblerTests
{
    [Theory]
    [InlineData("bf 21 00 00 00000000", "(bf) r1 = r2")]
    [InlineData("b4 01 00 00 ffffffff", "(b4) w1 = -1")]
    [InlineData("bf 21 08 00 00000000", "(bf) r1 = (s8)r2")]
    [InlineData("c7 03 00 00 04000000", "(c7) r3 s>>= 4")]
    [InlineData("37 01 00 00 03000000", "(37) r1 /= 3")]
    [InlineData("3f 21 01 00 00000000", "(3f) r1 s/= r2")]
    [InlineData("94 01 01 00 07000000", "(94) w1 s%= 7")]
    [InlineData("87 04 00 00 00000000", "(87) r4 = -r4")]
    [InlineData("84 04 00 00 00000000", "(84) w4 = -w4")]
    [InlineData("dc 01 00 00 20000000", "(dc) r1 = be32 r1")]
    [InlineData("d4 01 00 00 10000000", "(d4) r1 = le16 r1")]
    [InlineData("d7 01 00 00 40000000", "(d7) r1 = bswap64 r1")]
    [InlineData("61 a1 f8 ff 00000000", "(61) r1 = *(u32 *)(r10 -8)")]
    [InlineData("91 12 04 00 00000000", "(91) r2 = *(s8 *)(r1 +4)")]
    [InlineData("6b 21 00 00 00000000", "(6b) *(u16 *)(r1 +0) = r2")]
    [InlineData("72 0a ff ff 09000000", "(72) *(u8 *)(r10 -1) = 9")]
    [InlineData("db 21 00 00 00000000", "(db) lock *(u64 *)(r1 +0) += r2")]
    [InlineData("c3 21 08 00 51000000", "(c3) r2 = atomic_fetch_and((u32 *)(r1 +8), r2)")]
    [InlineData("db 21 00 00 e1000000", "(db) r2 = atomic64_xchg((u64 *)(r1 +0), r2)")]
    [InlineData("db 21 00 00 f1000000", "(db) r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)")]
    [InlineData("30 00 00 00 0c000000", "(30) r0 = *(u8 *)skb[12]")]
    [InlineData("48 20 00 00 06000000", "(48) r0 = *(u16 *)skb[r2 + 6]")]
    [InlineData("05 00 fd ff 00000000", "(05) goto pc-3")]
    [InlineData("06 00 00 00 00010000", "(06) gotol pc+256")]
    [InlineData("e5 00 02 00 00000000", "(e5) may_goto pc+2")]
    [InlineData("55 01 05 00 10000000", "(55) if r1 != 0x10 goto pc+5")]
    [InlineData("c6 01 01 00 ffffffff", "(c6) if w1 s< 0xffffffff goto pc+1")]
    [InlineData("6d 21 00 00 00000000", "(6d) if r1 s> r2 goto pc+0")]
    [InlineData("45 01 01 00 02000000", "(45) if r1 & 0x2 goto pc+1")]
    [InlineData("85 10 05 00 00000000", "(85) call 1/5")]
    [InlineData("95 00 00 00 00000000", "(95) exit")]
    public void AnInstructionIsWrittenAsTheKernelDoes(string code, string text)
    {
        byte[] bytes = Convert.FromHexString(code.Replace(" ", "", StringComparison.Ordinal));

        Assert.Equal(text, Disassembler.Text(bytes, (source, constant) => $"{source}/{constant}"));
        Assert.Equal(1, Disassembler.Length(bytes));
    }

    [Theory]
    [InlineData("1801000088776655 00000000 44332211", "(18) r1 = 0x1122334455667788")]
    [InlineData("1811000007000000 00000000 00000000", "(18) r1 = map[id:7]")]
    [InlineData("1821000007000000 00000000 0c000000", "(18) r1 = map[id:7][0]+12")]
    [InlineData("1841000005000000 00000000 00000000", "(18) r1 = subprog[+5]")]
    public void AConstantOf64BitsTakesTwoSlots(string code, string text)
    {
        byte[] bytes = Convert.FromHexString(code.Replace(" ", "", StringComparison.Ordinal));

        Assert.Equal(text, Disassembler.Text(bytes, (_, _) => ""));
        Assert.Equal(2, Disassembler.Length(bytes));
    }
}
