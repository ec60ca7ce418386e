using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>What programs are called.</summary>
internal static class ProgramNames
{
    /// <summary>A program's name, whole where its type information has it.</summary>
    /// <param name="fd">Its descriptor.</param>
    /// <param name="info">What the kernel says of it.</param>
    /// <param name="types">Type information.</param>
    public static string Of(int fd, in LibBpf.ProgramInfo info, BtfCatalog types)
    {
        string kept = KernelObjects.Text(info.Name);
        if (info.FunctionInfoCount == 0 || types.Find((int)info.BtfId) is not Btf btf)
        {
            return kept;
        }

        // struct bpf_func_info: the first instruction, then the function. The program itself comes first.
        byte[] functions = ObjectInfo.Functions(fd, info);
        string whole = functions.Length < 8 ? "" : btf.NameOfType(BinaryPrimitives.ReadInt32LittleEndian(functions.AsSpan(4)));
        return whole.StartsWith(kept, StringComparison.Ordinal) ? whole : kept;
    }

    /// <summary>A program's name by its number; empty when it has gone.</summary>
    public static string Of(int id, SystemListing listing)
    {
        if (!listing.ProgramNames.TryGetValue(id, out string? name))
        {
            using FileDescriptor? program = KernelObjects.TryOpen(KernelObjectKind.Program, id);
            name = program is null ? "" : Of(program.Number, ObjectInfo.Program(program.Number, $"program {id}", out _), listing.Types);
            listing.ProgramNames[id] = name;
        }

        return name;
    }
}

/// <summary>What a program is attached to by the number of a type.</summary>
internal static class TypeTarget
{
    /// <summary>The kernel's names of the types that stand for BTF tracepoints begin so.</summary>
    private const string Tracepoint = "btf_trace_";

    /// <summary>The name of a function, a tracepoint or a struct.</summary>
    /// <param name="types">Type information.</param>
    /// <param name="btf">The number of the type information.</param>
    /// <param name="type">The number of the type in it.</param>
    public static string Name(BtfCatalog types, int btf, int type)
    {
        // Before Linux 5.11, and for the kernel's own types, the object may be left open.
        string name = (btf == 0 ? KernelBtf.Read(KernelBtf.Kernel) : types.Find(btf)) is Btf found && type < found.Count ? found.NameOfType(type) : "";
        return name.StartsWith(Tracepoint, StringComparison.Ordinal) ? name[Tracepoint.Length..] : name;
    }
}
