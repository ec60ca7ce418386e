using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A program of an object that is not in the kernel yet.</summary>
/// <param name="Name">The function's name in the source.</param>
/// <param name="Section">Where it attaches, as its section says.</param>
/// <param name="Type">Its kind: <c>enum bpf_prog_type</c>; 0 where libbpf doesn't know the section.</param>
public sealed record OpenedProgram(string Name, string Section, int Type);

/// <summary>A map of an object that is not in the kernel yet.</summary>
/// <param name="Name">Its name in the source.</param>
/// <param name="Type">Its kind.</param>
/// <param name="KeyTypeId">The number of the key's type in the object's type information; 0 where it has none.</param>
/// <param name="ValueTypeId">The number of the value's type; 0 where it has none.</param>
/// <param name="KeySize">Bytes of a key.</param>
/// <param name="ValueSize">Bytes of a value; for a per-CPU map, of one CPU's.</param>
/// <param name="MaxEntries">How many entries fit; for a ring, its bytes.</param>
/// <param name="PinPath">Where the object wants it pinned (LIBBPF_PIN_BY_NAME); empty where it doesn't.</param>
public sealed record DeclaredMap(
    string Name, BpfMapType Type, int KeyTypeId, int ValueTypeId, uint KeySize, uint ValueSize, uint MaxEntries, string PinPath);

/// <content>Programs that a kernel may refuse while it takes others.</content>
public sealed partial class OpenedBpfObject
{
    /// <summary>All programs, in the object's order.</summary>
    public IReadOnlyList<OpenedProgram> Programs => BpfObject.Walk(_handle, LibBpf.bpf_object__next_program)
        .Select(program => new OpenedProgram(
            BpfObject.Text(LibBpf.bpf_program__name(program)),
            BpfObject.Text(LibBpf.bpf_program__section_name(program)),
            (int)LibBpf.bpf_program__type(program)))
        .ToArray();

    /// <summary>All maps, in the object's order.</summary>
    public IReadOnlyList<DeclaredMap> Maps => BpfObject.Walk(_handle, LibBpf.bpf_object__next_map).Select(Declaration).ToArray();

    private static DeclaredMap Declaration(nint map) => new(
        BpfObject.Text(LibBpf.bpf_map__name(map)),
        (BpfMapType)LibBpf.bpf_map__type(map),
        (int)LibBpf.bpf_map__btf_key_type_id(map),
        (int)LibBpf.bpf_map__btf_value_type_id(map),
        LibBpf.bpf_map__key_size(map),
        LibBpf.bpf_map__value_size(map),
        LibBpf.bpf_map__max_entries(map),
        BpfObject.Text(LibBpf.bpf_map__pin_path(map)));

    /// <summary>Creates the maps and has the programs verified, and says which program it was that the kernel refused.</summary>
    /// <param name="refused">The program; null where it was none of them, but a map or the object.</param>
    /// <param name="error">The refusal.</param>
    /// <returns>The loaded object; null where it was refused: then this one can only be disposed, and opened anew.</returns>
    public BpfObject? TryLoad(out string? refused, out EbpfException? error)
    {
        ObjectDisposedException.ThrowIf(_loaded || _handle.IsClosed, this);
        LibBpfLog.Take();
        int result = LibBpf.bpf_object__load(_handle);
        string printed = LibBpfLog.Take();
        if (result >= 0)
        {
            (refused, error) = (null, null);
            _loaded = true;
            return new BpfObject(Name, _handle, _btf, _replaced);
        }

        refused = ProgramIn(printed);
        error = Refusal(-result, printed);
        return null;
    }

    private EbpfException Refusal(int errno, string printed)
    {
        if (errno is LibBpfError.ESRCH or LibBpfError.ENOENT && !KernelBtf.IsReadable)
        {
            // libbpf says "No such process" here.
            return new EbpfException(
                EbpfErrorId.NotSupported, $"Could not load the eBPF object '{Name}'. {KernelBtf.Missing}", KernelBtf.Remedy, target: Name);
        }

        return (errno == LibBpfError.EPERM ? null : VerifierLog.Find(printed, LineTable.Read(_image))) is VerifierLog log
            ? VerifierRefused(log, errno)
            : LibBpfError.Create(errno, Attempted, Name, printed);
    }

    /// <summary>The program that libbpf last complained of: "prog 'NAME': ...".</summary>
    private string? ProgramIn(string printed)
    {
        const string Before = "prog '";
        for (int at = printed.LastIndexOf(Before, StringComparison.Ordinal); at >= 0; at = at == 0 ? -1 : printed.LastIndexOf(Before, at - 1, StringComparison.Ordinal))
        {
            int start = at + Before.Length;
            int end = printed.IndexOf('\'', start);
            if (end > start && ProgramNames.Contains(printed[start..end]))
            {
                return printed[start..end];
            }
        }

        return null;
    }
}
