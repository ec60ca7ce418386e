using System.Buffers.Binary;
using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Reads the instructions of programs that are in the kernel.</summary>
public sealed class ProgramCode
{
    /// <summary>Calls of helpers are offsets from this function, __bpf_call_base of kernel/bpf/core.c.</summary>
    private const string CallBase = "__bpf_call_base";

    private readonly BtfCatalog _types = new();
    private readonly Lazy<(ulong Base, Dictionary<ulong, string> Names)> _symbols = new(ReadSymbols);

    /// <summary>The instructions of a program.</summary>
    /// <exception cref="EbpfException">The program has gone, or the kernel keeps its instructions to itself.</exception>
    public IEnumerable<ProgramInstruction> Read(SystemProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        using FileDescriptor descriptor = KernelObjects.Open(KernelObjectKind.Program, program.Id);
        LibBpf.ProgramInfo info = ObjectInfo.Program(descriptor.Number, $"program {program.Id}", out _);
        byte[] code = ObjectInfo.Translated(descriptor.Number, info);
        if (code.Length == 0)
        {
            throw new EbpfException(
                EbpfErrorId.PermissionDenied,
                $"The kernel keeps the instructions of program '{program.Name}' to itself.",
                "They show addresses of the kernel: it takes CAP_SYS_ADMIN, and kernel.kptr_restrict and net.core.bpf_jit_harden below 2.",
                target: program.Name);
        }

        Btf? types = _types.Find((int)info.BtfId);
        Dictionary<int, string> functions = types is null ? [] : Functions(ObjectInfo.Functions(descriptor.Number, info), (int)info.FunctionInfoSize, types);
        Dictionary<int, (string Source, string File, int Line)> lines = types is null ? [] : Lines(ObjectInfo.Lines(descriptor.Number, info), (int)info.LineInfoSize, types);
        return Disassemble(program, code, functions, lines);
    }

    private IEnumerable<ProgramInstruction> Disassemble(
        SystemProgram program, byte[] code, Dictionary<int, string> functions, Dictionary<int, (string Source, string File, int Line)> lines)
    {
        for (int at = 0; at < code.Length / Disassembler.Size;)
        {
            ReadOnlyMemory<byte> rest = code.AsMemory(at * Disassembler.Size);
            (string source, string file, int line) = lines.GetValueOrDefault(at, ("", "", 0));
            string text = Disassembler.Text(rest.Span, Callee);
            yield return new ProgramInstruction(program.Name, program.Id, at, text, functions.GetValueOrDefault(at, ""), source, file, line);
            at += Disassembler.Length(rest.Span);
        }
    }

    /// <summary>What a call calls, as bpftool writes it: a function of the program by the distance, a helper or kernel function by its name.</summary>
    private string Callee(int source, int constant)
    {
        const int OwnFunction = 1;
        if (source == OwnFunction)
        {
            return string.Create(CultureInfo.InvariantCulture, $"pc{constant:+0;-0;+0}");
        }

        ulong address = unchecked(_symbols.Value.Base + (ulong)constant);
        string name = _symbols.Value.Base != 0 && _symbols.Value.Names.TryGetValue(address, out string? known) ? known : "unknown";
        return string.Create(CultureInfo.InvariantCulture, $"{name}#{constant}");
    }

    private static Dictionary<int, string> Functions(byte[] records, int size, Btf types)
    {
        Dictionary<int, string> functions = [];
        for (int at = 0; size >= 8 && at + size <= records.Length; at += size)
        {
            functions[Word(records, at)] = types.Define(Word(records, at + 4)).TrimEnd(';');
        }

        return functions;
    }

    /// <summary>Records of <c>struct bpf_line_info</c>: instruction, file, line, then the line's number above ten bits of column.</summary>
    private static Dictionary<int, (string Source, string File, int Line)> Lines(byte[] records, int size, Btf types)
    {
        Dictionary<int, (string Source, string File, int Line)> lines = [];
        for (int at = 0; size >= 16 && at + size <= records.Length; at += size)
        {
            lines[Word(records, at)] = (types.TextAt(Word(records, at + 8)).Trim(), types.TextAt(Word(records, at + 4)), Word(records, at + 12) >>> 10);
        }

        return lines;
    }

    private static int Word(byte[] records, int at) => BinaryPrimitives.ReadInt32LittleEndian(records.AsSpan(at));

    private static (ulong Base, Dictionary<ulong, string> Names) ReadSymbols()
    {
        Dictionary<ulong, string> names = [];
        ulong callBase = 0;
        foreach (string line in File.ReadLines("/proc/kallsyms"))
        {
            string[] fields = line.Split([' ', '\t'], 4);
            if (fields.Length >= 3 && ulong.TryParse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address) && address != 0)
            {
                names.TryAdd(address, fields[2]);
                callBase = fields[2] == CallBase ? address : callBase;
            }
        }

        return (callBase, names);
    }
}
