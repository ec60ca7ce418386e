using System.Buffers.Binary;

namespace EbpfPs.Bpf;

/// <summary>
/// How many bytes an object's programs write into rings and perf buffers, where the number is a constant: the size of the
/// record's struct.
/// </summary>
internal static class WrittenSizes
{
    private const int InstructionSize = 8;

    /// <summary><c>BPF_JMP | BPF_CALL</c> and <c>BPF_ALU64 | BPF_MOV | BPF_K</c> of include/uapi/linux/bpf.h.</summary>
    private const byte Call = 0x85;

    private const byte MoveConstant = 0xb7;

    /// <summary>Helpers, by their numbers, and the register that has the size.</summary>
    private static readonly Dictionary<int, int> _writers = new()
    {
        [25] = 5, // bpf_perf_event_output(ctx, map, flags, data, size)
        [130] = 3, // bpf_ringbuf_output(ringbuf, data, size, flags)
        [131] = 2, // bpf_ringbuf_reserve(ringbuf, size, flags)
    };

    /// <summary>The sizes, each once.</summary>
    public static IReadOnlySet<int> Of(ElfFile file)
    {
        HashSet<int> sizes = [];
        foreach (ElfSection section in file.Sections.Where(section => (section.Flags & ElfSection.Executable) != 0))
        {
            Add(sizes, file.Bytes(section));
        }

        return sizes;
    }

    private static void Add(HashSet<int> sizes, ReadOnlySpan<byte> code)
    {
        for (int at = 0; at + InstructionSize <= code.Length; at += InstructionSize)
        {
            if (code[at] != Call || (code[at + 1] >> 4) != 0 || !_writers.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(code[(at + 4)..]), out int register))
            {
                continue;
            }

            // A call leaves nothing in these registers, so the constant stands after the one before.
            for (int before = at - InstructionSize; before >= 0 && code[before] != Call; before -= InstructionSize)
            {
                if ((code[before + 1] & 0xf) == register)
                {
                    if (code[before] == MoveConstant)
                    {
                        sizes.Add(BinaryPrimitives.ReadInt32LittleEndian(code[(before + 4)..]));
                    }

                    break;
                }
            }
        }
    }
}
