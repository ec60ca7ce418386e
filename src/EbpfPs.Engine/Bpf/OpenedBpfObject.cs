using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// An object file that libbpf has read and nothing of which is in the kernel: variables, map sizes and what to
/// load are set here. <see cref="Load"/> consumes it.
/// </summary>
public sealed partial class OpenedBpfObject : IDisposable
{
    private readonly BpfObjectHandle _handle;
    private readonly Btf _btf;
    private readonly byte[] _image;
    private bool _builtIn;
    private bool _loaded;

    private OpenedBpfObject(string name, BpfObjectHandle handle, byte[] image)
    {
        Name = name;
        _handle = handle;
        _btf = Btf.OfObject(handle);
        _image = image;
    }

    /// <summary>What the object is called in messages.</summary>
    public string Name { get; }

    /// <summary>The types of the object's programs, maps and variables.</summary>
    public Btf Btf => _btf;

    /// <summary>Names of all programs, in the object's order.</summary>
    public IEnumerable<string> ProgramNames =>
        BpfObject.Walk(_handle, LibBpf.bpf_object__next_program).Select(program => BpfObject.Text(LibBpf.bpf_program__name(program)));

    /// <summary>Reads an object.</summary>
    /// <param name="name">What to call it in messages and in the kernel.</param>
    /// <param name="image">The ELF file's bytes; not needed after the call.</param>
    /// <exception cref="EbpfException">libbpf is missing, or the object is damaged.</exception>
    public static OpenedBpfObject Open(string name, ReadOnlySpan<byte> image)
    {
        byte[] copy = image.ToArray();
        ObjectCheck.Check(name, copy);
        return OpenChecked(name, copy);
    }

    private static OpenedBpfObject OpenChecked(string name, byte[] image)
    {
        nint objectName = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            LibBpf.ObjectOpenOptions options = new()
            {
                Size = (nuint)Unsafe.SizeOf<LibBpf.ObjectOpenOptions>(),
                ObjectName = objectName,
            };
            nint obj = LibBpf.bpf_object__open_mem(image, (nuint)image.Length, options);
            BpfObjectHandle handle = new(LibBpfError.Check(obj, $"open the eBPF object '{name}'", name));
            try
            {
                return new OpenedBpfObject(name, handle, image);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(objectName);
        }
    }

    /// <summary>Reads an object that comes with the engine.</summary>
    /// <param name="name">The stem of its source.</param>
    /// <exception cref="EbpfException">It is not there, or libbpf is missing.</exception>
    internal static OpenedBpfObject OpenBuiltIn(string name)
    {
        OpenedBpfObject opened = OpenChecked(name, ObjectFile.Read(name));
        opened._builtIn = true;
        return opened;
    }

    /// <summary>Sets a <c>const volatile</c> or global variable to a value of its size.</summary>
    /// <param name="variable">The variable's name in the source.</param>
    /// <param name="value">The value; its bytes are copied, little-endian as the machine has them.</param>
    /// <exception cref="EbpfException">No such variable, or its size is another.</exception>
    public void SetVariable<T>(string variable, T value)
        where T : unmanaged => SetVariable(variable, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)));

    /// <summary>Sets an array variable.</summary>
    /// <param name="variable">The variable's name in the source.</param>
    /// <param name="bytes">Exactly as many as the variable has.</param>
    /// <exception cref="EbpfException">No such variable, or its size is another.</exception>
    public void SetVariable(string variable, ReadOnlySpan<byte> bytes)
    {
        BtfVariable found = _btf.FindVariable(variable)
            ?? throw new EbpfException(EbpfErrorId.NotFound, $"The eBPF object '{Name}' has no variable '{variable}'.", target: variable);
        if (found.Size != bytes.Length)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"Variable '{variable}' of '{Name}' has {found.Size} bytes, not {bytes.Length}.",
                target: variable);
        }

        bytes.CopyTo(Memory(variable, found)[found.Offset..]);
    }

    /// <summary>Whether the source declares the variable.</summary>
    public bool HasVariable(string variable) => _btf.FindVariable(variable) is not null;

    /// <summary>Bytes of a map's value; for a per-CPU map, of one CPU's.</summary>
    public int ValueSize(string map) => (int)LibBpf.bpf_map__value_size(FindMap(map));

    /// <summary>Sets how many entries a map gets; for a ring, its bytes.</summary>
    public void SetMaxEntries(string map, uint entries) =>
        LibBpfError.Check(LibBpf.bpf_map__set_max_entries(FindMap(map), entries), $"size map '{map}' of '{Name}'", map);

    /// <summary>Sets how many bytes a value of a map has.</summary>
    public void SetValueSize(string map, uint bytes) =>
        LibBpfError.Check(LibBpf.bpf_map__set_value_size(FindMap(map), bytes), $"size the values of map '{map}' of '{Name}'", map);

    /// <summary>Leaves a map out. Programs that reach its code are then refused.</summary>
    public void LeaveOutMap(string map) =>
        LibBpfError.Check(LibBpf.bpf_map__set_autocreate(FindMap(map), false), $"leave out map '{map}' of '{Name}'", map);

    /// <summary>Makes the object use a map that is already in the kernel.</summary>
    public void ShareMap(string map, BpfMap existing)
    {
        ArgumentNullException.ThrowIfNull(existing);
        LibBpfError.Check(LibBpf.bpf_map__reuse_fd(FindMap(map), existing.Fd), $"share map '{map}' with '{Name}'", map);
        GC.KeepAlive(existing);
    }

    /// <summary>Loads only the programs that are named.</summary>
    /// <exception cref="EbpfException">One of them is not in the object.</exception>
    public void LoadOnly(IReadOnlyCollection<string> programs)
    {
        ArgumentNullException.ThrowIfNull(programs);
        string? missing = programs.Except(ProgramNames).FirstOrDefault();
        if (missing is not null)
        {
            throw new EbpfException(EbpfErrorId.NotFound, $"The eBPF object '{Name}' has no program '{missing}'.", target: missing);
        }

        foreach (nint program in BpfObject.Walk(_handle, LibBpf.bpf_object__next_program))
        {
            string name = BpfObject.Text(LibBpf.bpf_program__name(program));
            LibBpfError.Check(LibBpf.bpf_program__set_autoload(program, programs.Contains(name)), $"choose program '{name}'", name);
        }
    }

    /// <summary>Creates the maps, has the programs verified and hands them over.</summary>
    /// <returns>The loaded object, which owns everything now.</returns>
    /// <exception cref="EbpfException">The kernel refused; the verifier's log is on the exception.</exception>
    public BpfObject Load()
    {
        ObjectDisposedException.ThrowIf(_loaded || _handle.IsClosed, this);
        return TryLoad(out _, out EbpfException? refusal) ?? throw refusal!;
    }

    /// <summary>Closes the object unless it was loaded.</summary>
    public void Dispose()
    {
        if (!_loaded)
        {
            _handle.Dispose();
        }
    }

    private string Attempted => $"load the eBPF object '{Name}'";

    private EbpfException VerifierRefused(VerifierLog log, int errno)
    {
        if (PrivilegeAdvice.ForMissingHelper(log.Reason) is PrivilegeAdvice locked)
        {
            return LibBpfError.Denied(errno, $"Could not {Attempted}.", locked, Name, log.Text);
        }

        string advice = _builtIn
            ? "This is a program of EbpfPs itself, or a kernel that it has not met: please report it with the log and `uname -r`."
            : log.Advice;
        return new EbpfException(
            EbpfErrorId.VerifierRefused,
            log.Sentence,
            $"{advice} The verifier's own words are \"{log.Reason}\"; the exception's VerifierLog has all of them.".TrimStart(),
            errno,
            log.Text,
            Name);
    }

    private nint FindMap(string map) =>
        LibBpfError.Check(LibBpf.bpf_object__find_map_by_name(_handle, map), $"find map '{map}' of '{Name}'", map);
}
