using System.Buffers.Binary;
using System.Text;

namespace EbpfPs.Bpf;

/// <summary>A section of an ELF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its kind: SHT_PROGBITS, SHT_REL and so on of elf(5).</param>
/// <param name="Flags">SHF_EXECINSTR and so on.</param>
/// <param name="Offset">Bytes from the file's start.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Link">Another section's index, as its kind says.</param>
/// <param name="Info">What else its kind says.</param>
/// <param name="EntrySize">Bytes of an entry, of a table.</param>
internal readonly record struct ElfSection(string Name, uint Type, ulong Flags, ulong Offset, ulong Size, uint Link, uint Info, ulong EntrySize)
{
    public const uint SymbolTable = 2;
    public const uint StringTable = 3;
    public const uint NoBits = 8;
    public const uint Relocations = 9;
    public const ulong Executable = 4;
    public const ulong Compressed = 0x800;
}

/// <summary>
/// The sections of an ELF file that is for the processor eBPF, elf(5). Everything that the file says is checked against
/// its length before it is believed.
/// </summary>
internal sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionSize = 64;
    private const ushort Relocatable = 1;
    private const ushort MachineNone = 0;
    private const ushort MachineBpf = 247;
    private const ushort ExtendedIndex = 0xffff;

    private readonly ReadOnlyMemory<byte> _image;

    private ElfFile(ReadOnlyMemory<byte> image, IReadOnlyList<ElfSection> sections)
    {
        _image = image;
        Sections = sections;
    }

    /// <summary>All sections, by their index; the first is no section.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>Reads the table of sections.</summary>
    /// <param name="name">What the file is called in messages.</param>
    /// <param name="image">The file's bytes.</param>
    /// <exception cref="EbpfException">It is no such file, or is damaged.</exception>
    public static ElfFile Parse(string name, ReadOnlyMemory<byte> image)
    {
        ReadOnlySpan<byte> bytes = image.Span;
        if (bytes.Length < HeaderSize || !bytes.StartsWith("\u007fELF"u8))
        {
            throw Invalid(name, "it is no ELF file");
        }

        if (bytes[4] != 2 || bytes[5] != 1)
        {
            throw Invalid(name, bytes[4] == 2 && bytes[5] == 2 ? "it is for machines with the highest byte first" : "it is no 64-bit ELF file");
        }

        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (type != Relocatable || machine is not (MachineNone or MachineBpf))
        {
            throw Invalid(name, $"it is of ELF type {type} for machine {machine}, and not a relocatable file (1) for eBPF (247)");
        }

        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
        ushort entry = BinaryPrimitives.ReadUInt16LittleEndian(bytes[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[60..]);
        int names = BinaryPrimitives.ReadUInt16LittleEndian(bytes[62..]);
        if (entry != SectionSize || count == 0 || names == ExtendedIndex || names >= count || table > (ulong)bytes.Length || (ulong)count * SectionSize > (ulong)bytes.Length - table)
        {
            throw Invalid(name, "its table of sections is damaged");
        }

        List<ElfSection> sections = [];
        for (int i = 0; i < count; i++)
        {
            sections.Add(Section(bytes.Slice((int)table + (i * SectionSize), SectionSize)));
            if (sections[i].Type != ElfSection.NoBits && (sections[i].Offset > (ulong)bytes.Length || sections[i].Size > (ulong)bytes.Length - sections[i].Offset))
            {
                throw Invalid(name, $"its section {i} lies beyond the file's end");
            }
        }

        ElfFile file = new(image, sections);
        ReadOnlySpan<byte> texts = file.Bytes(sections[names]);
        for (int i = 0; i < count; i++)
        {
            int at = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[((int)table + (i * SectionSize))..]);
            sections[i] = sections[i] with { Name = Text(texts, at) ?? throw Invalid(name, $"the name of its section {i} is damaged") };
        }

        return file;
    }

    /// <summary>A section's bytes; none for one that has none in the file.</summary>
    public ReadOnlySpan<byte> Bytes(ElfSection section) =>
        section.Type == ElfSection.NoBits ? default : _image.Span.Slice((int)section.Offset, (int)section.Size);

    /// <summary>A section's bytes by its name; empty where there is none, or it is compressed.</summary>
    public ReadOnlyMemory<byte> Find(string name)
    {
        ElfSection found = Sections.FirstOrDefault(section => section.Name == name && section.Type != ElfSection.NoBits);
        return found.Name is null || (found.Flags & ElfSection.Compressed) != 0 ? default : _image.Slice((int)found.Offset, (int)found.Size);
    }

    /// <summary>The exception for a file that can't be used.</summary>
    public static EbpfException Invalid(string name, string reason) => new(
        EbpfErrorId.InvalidObject,
        $"The eBPF object '{name}' can't be read: {reason}.",
        "Make it with clang -target bpf -g -O2 -c.",
        target: name);

    /// <summary>A text in a table of strings; null where it doesn't lie in it.</summary>
    public static string? Text(ReadOnlySpan<byte> table, int offset)
    {
        ReadOnlySpan<byte> rest = (uint)offset < (uint)table.Length ? table[offset..] : default;
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : null;
    }

    private static ElfSection Section(ReadOnlySpan<byte> header) => new(
        "",
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
        BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
        BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
        BinaryPrimitives.ReadUInt32LittleEndian(header[44..]),
        BinaryPrimitives.ReadUInt64LittleEndian(header[56..]));
}
