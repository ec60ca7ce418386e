using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>What an object has, without loading anything of it.</summary>
/// <param name="Programs">Its programs, with their sections.</param>
/// <param name="EventTypes">The structs that its records can be, by their names.</param>
/// <param name="Variables">The variables that can be set, with their types.</param>
public sealed record ObjectContent(
    IReadOnlyList<OpenedProgram> Programs, IReadOnlyList<BtfStruct> EventTypes, IReadOnlyDictionary<string, BtfType> Variables)
{
    /// <summary>Reads an object.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="image">The ELF file's bytes.</param>
    /// <exception cref="EbpfException">It can't be read.</exception>
    public static ObjectContent Read(string name, ReadOnlyMemory<byte> image)
    {
        using OpenedBpfObject opened = OpenedBpfObject.Open(name, image.Span);
        return new ObjectContent(opened.Programs, RecordChoice.Candidates(opened, image), opened.Variables);
    }
}
