using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>An object whose maps and programs are in the kernel. Disposing it takes them out again.</summary>
public sealed class BpfObject : IDisposable
{
    private readonly BpfObjectHandle _handle;

    /// <param name="name">What it is called in messages.</param>
    /// <param name="handle">libbpf's object.</param>
    /// <param name="btf">Its types.</param>
    /// <param name="replaced">Maps that stand for pinned ones, as the object declares them.</param>
    internal BpfObject(string name, BpfObjectHandle handle, Btf btf, IReadOnlyDictionary<nint, DeclaredMap> replaced)
    {
        Name = name;
        Replaced = replaced;
        Btf = btf;
        _handle = handle;
        Programs = Walk(handle, LibBpf.bpf_object__next_program)
            .Where(LibBpf.bpf_program__autoload)
            .Select(program => new BpfProgram(this, program))
            .ToArray();
    }

    /// <summary>What the object is called in messages.</summary>
    public string Name { get; }

    /// <summary>The types of the object's programs, maps and variables.</summary>
    public Btf Btf { get; }

    /// <summary>The programs that were loaded, in the object's order.</summary>
    public IReadOnlyList<BpfProgram> Programs { get; }

    internal BpfObjectHandle Handle => _handle;

    /// <summary>
    /// Maps in whose place pinned ones are used, as the object declares them: libbpf has names and numbers of types of the
    /// pinned ones, which are another object's.
    /// </summary>
    internal IReadOnlyDictionary<nint, DeclaredMap> Replaced { get; }

    /// <summary>Finds a map.</summary>
    /// <param name="name">Its name in the source.</param>
    /// <exception cref="EbpfException">The object has no such map.</exception>
    public BpfMap Map(string name)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return new BpfMap(this, LibBpfError.Check(LibBpf.bpf_object__find_map_by_name(_handle, name), $"find map '{name}' of '{Name}'", name));
    }

    /// <summary>All maps of the object that were created.</summary>
    public IEnumerable<BpfMap> Maps() =>
        Walk(_handle, LibBpf.bpf_object__next_map)
            .Where(map => LibBpf.bpf_map__fd(map) >= 0)
            .Select(map => new BpfMap(this, map));

    /// <summary>Unloads programs and maps. Links that are open keep the object until they go.</summary>
    public void Dispose() => _handle.Dispose();

    internal static IEnumerable<nint> Walk(BpfObjectHandle handle, Func<BpfObjectHandle, nint, nint> next)
    {
        for (nint item = next(handle, 0); item != 0; item = next(handle, item))
        {
            yield return item;
        }
    }

    internal static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
