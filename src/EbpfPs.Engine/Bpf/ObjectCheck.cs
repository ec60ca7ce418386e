using System.Buffers.Binary;

namespace EbpfPs.Bpf;

/// <summary>
/// Looks at an object before libbpf does, which believes much of what a file says: a damaged one would end the process.
/// What is refused here has crashed libbpf 1.1, or lets it read beyond a section.
/// </summary>
internal static class ObjectCheck
{
    private const int SymbolSize = 24;
    private const int RelocationSize = 16;
    private const int FirstReservedSection = 0xff00;

    /// <summary>Checks a file.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="image">Its bytes.</param>
    /// <exception cref="EbpfException">It is damaged, or no eBPF object.</exception>
    public static void Check(string name, ReadOnlyMemory<byte> image)
    {
        ElfFile file = ElfFile.Parse(name, image);
        int symbols = -1;
        for (int i = 0; i < file.Sections.Count; i++)
        {
            if (file.Sections[i].Type == ElfSection.SymbolTable)
            {
                symbols = symbols < 0 ? CheckSymbols(name, file, file.Sections[i]) : throw ElfFile.Invalid(name, "it has more than one table of symbols");
            }
        }

        foreach (ElfSection section in file.Sections.Where(section => section.Type == ElfSection.Relocations))
        {
            CheckRelocations(name, file, section, symbols);
        }

        // Of several libbpf takes the last.
        foreach (ElfSection section in file.Sections.Where(section => section.Name == ".BTF"))
        {
            Btf.Parse(file.Bytes(section)).Check();
        }
    }

    private static int CheckSymbols(string name, ElfFile file, ElfSection table)
    {
        if (table.EntrySize != SymbolSize || table.Size % SymbolSize != 0 || table.Link >= file.Sections.Count)
        {
            throw ElfFile.Invalid(name, "its table of symbols is damaged");
        }

        ReadOnlySpan<byte> texts = file.Bytes(file.Sections[(int)table.Link]);
        ReadOnlySpan<byte> bytes = file.Bytes(table);
        for (int at = 0; at < bytes.Length; at += SymbolSize)
        {
            int text = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            int section = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 6)..]);
            if (ElfFile.Text(texts, text) is null || (section >= file.Sections.Count && section < FirstReservedSection))
            {
                throw ElfFile.Invalid(name, $"its symbol {at / SymbolSize} is damaged");
            }
        }

        return bytes.Length / SymbolSize;
    }

    private static void CheckRelocations(string name, ElfFile file, ElfSection table, int symbols)
    {
        if (table.EntrySize != RelocationSize || table.Size % RelocationSize != 0 || table.Info >= file.Sections.Count)
        {
            throw ElfFile.Invalid(name, $"its relocations '{table.Name}' are damaged");
        }

        ulong size = file.Sections[(int)table.Info].Size;
        ReadOnlySpan<byte> bytes = file.Bytes(table);
        for (int at = 0; at < bytes.Length; at += RelocationSize)
        {
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            uint symbol = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 12)..]);
            if (offset >= size || symbol >= symbols)
            {
                throw ElfFile.Invalid(name, $"a relocation of '{table.Name}' points out of its section");
            }
        }
    }
}
