using System.Buffers.Binary;
using System.Globalization;

namespace EbpfPs.Bpf;

/// <summary>
/// Writes eBPF instructions in the words of the kernel's own verifier log and of <c>bpftool prog dump xlated</c>:
/// <c>(61) r0 = *(u32 *)(r2 +0)</c>. Encoding: Documentation/bpf/standardization/instruction-set.rst. (libbpf has no
/// disassembler, and no package of .NET's has one.)
/// </summary>
internal static class Disassembler
{
    /// <summary>Bytes of an instruction.</summary>
    public const int Size = 8;

    private static readonly string?[] _arithmetic = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", null, "%=", "^=", "=", "s>>=", null, null, null];
    private static readonly string?[] _comparisons = [null, "==", ">", ">=", "&", "!=", "s>", "s>=", null, null, "<", "<=", "s<", "s<=", null, null];
    private static readonly string[] _sizes = ["u32", "u16", "u8", "u64"];
    private static readonly string[] _signed = ["s32", "s16", "s8", "s64"];

    /// <summary>How many slots of 8 bytes the instruction at a place takes: a 64-bit constant takes two.</summary>
    public static int Length(ReadOnlySpan<byte> code) => code[0] == 0x18 ? 2 : 1;

    /// <summary>The text of the first instruction.</summary>
    /// <param name="code">Its bytes, and for a 64-bit constant those of the slot behind it.</param>
    /// <param name="callee">The name of what a call calls, by source register and constant.</param>
    public static string Text(ReadOnlySpan<byte> code, Func<int, int, string> callee)
    {
        byte op = code[0];
        int dst = code[1] & 0xf, src = code[1] >> 4;
        short off = BinaryPrimitives.ReadInt16LittleEndian(code[2..]);
        int imm = BinaryPrimitives.ReadInt32LittleEndian(code[4..]);
        string text = (op & 7) switch
        {
            0 => Load(code, op, dst, src, imm),
            1 => Read(op, dst, src, off),
            2 => op == 0xc2 ? "nospec" : Invariant($"*({_sizes[op >> 3 & 3]} *)(r{dst} {off:+0;-0;+0}) = {imm}"),
            3 => Store(op, dst, src, off, imm),
            5 or 6 => Jump(op, dst, src, off, imm, callee),
            _ => Arithmetic(op, dst, src, off, imm),
        };
        return Invariant($"({op:x2}) {text}");
    }

    private static string Load(ReadOnlySpan<byte> code, byte op, int dst, int src, int imm)
    {
        if (op != 0x18)
        {
            string place = (op & 0xe0) == 0x40 ? Invariant($"r{src} + {imm}") : Invariant($"{imm}");
            return $"r0 = *({_sizes[op >> 3 & 3]} *)skb[{place}]";
        }

        int high = BinaryPrimitives.ReadInt32LittleEndian(code[12..]);
        string value = src switch
        {
            1 => Invariant($"map[id:{(uint)imm}]"),
            2 => Invariant($"map[id:{(uint)imm}][0]+{(uint)high}"),
            4 => Invariant($"subprog[{imm:+0;-0;+0}]"),
            _ => Invariant($"0x{((ulong)(uint)high << 32) | (uint)imm:x}"),
        };
        return Invariant($"r{dst} = {value}");
    }

    private static string Read(byte op, int dst, int src, short off)
    {
        string[] sizes = (op & 0xe0) == 0x80 ? _signed : _sizes;
        return Invariant($"r{dst} = *({sizes[op >> 3 & 3]} *)(r{src} {off:+0;-0;+0})");
    }

    private static string Store(byte op, int dst, int src, short off, int imm)
    {
        string place = Invariant($"({_sizes[op >> 3 & 3]} *)(r{dst} {off:+0;-0;+0})");
        if ((op & 0xe0) != 0xc0)
        {
            return Invariant($"*{place} = r{src}");
        }

        string wide = (op & 0x18) == 0x18 ? "64" : "";
        string? name = (imm & 0xf0) switch { 0x00 => "add", 0x40 => "or", 0x50 => "and", 0xa0 => "xor", _ => null };
        return imm switch
        {
            0xe1 => Invariant($"r{src} = atomic{wide}_xchg({place}, r{src})"),
            0xf1 => Invariant($"r0 = atomic{wide}_cmpxchg({place}, r0, r{src})"),
            0x100 => Invariant($"r{dst} = load_acquire(({_sizes[op >> 3 & 3]} *)(r{src} {off:+0;-0;+0}))"),
            0x110 => Invariant($"store_release({place}, r{src})"),
            _ when name is not null && (imm & 1) != 0 => Invariant($"r{src} = atomic{wide}_fetch_{name}({place}, r{src})"),
            _ when name is not null => Invariant($"lock *{place} {_arithmetic[(imm & 0xf0) >> 4]} r{src}"),
            _ => Invariant($"BUG_{op:x2}"),
        };
    }

    /// <summary>BPF_PSEUDO_CALL of include/uapi/linux/bpf.h: the call is of a function of the program.</summary>
    private const int PseudoCall = 1;

    private static string Jump(byte op, int dst, int src, short off, int imm, Func<int, int, string> callee)
    {
        char register = (op & 7) == 5 ? 'r' : 'w';
        switch (op)
        {
            case 0x85:
                // Of a call within the program the dump has its way in the offset (jit_subprogs() of kernel/bpf/verifier.c).
                return "call " + callee(src, src == PseudoCall ? off : imm);
            case 0x95:
                return "exit";
            case 0x05:
                return Invariant($"goto pc{off:+0;-0;+0}");
            case 0x06:
                return Invariant($"gotol pc{imm:+0;-0;+0}");
            case 0xe5:
                return Invariant($"may_goto pc{off:+0;-0;+0}");
        }

        string right = (op & 8) != 0 ? Invariant($"{register}{src}") : Invariant($"0x{(uint)imm:x}");
        return Invariant($"if {register}{dst} {_comparisons[op >> 4] ?? "?"} {right} goto pc{off:+0;-0;+0}");
    }

    private static string Arithmetic(byte op, int dst, int src, short off, int imm)
    {
        bool wide = (op & 7) == 7;
        char register = wide ? 'r' : 'w';
        switch (op >> 4)
        {
            case 8:
                return Invariant($"{register}{dst} = -{register}{dst}");
            case 13:
                return wide ? Invariant($"r{dst} = bswap{imm} r{dst}") : Invariant($"r{dst} = {((op & 8) != 0 ? "be" : "le")}{imm} r{dst}");
        }

        bool isSignedDivision = off == 1 && (op >> 4) is 3 or 9;
        string operation = (isSignedDivision ? "s" : "") + (_arithmetic[op >> 4] ?? "?");
        string cast = (op >> 4) == 11 && (op & 8) != 0 && off is 8 or 16 or 32 ? Invariant($"(s{off})") : "";
        return (op & 8) != 0
            ? Invariant($"{register}{dst} {operation} {cast}{register}{src}")
            : Invariant($"{register}{dst} {operation} {imm}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
