using System.Buffers.Binary;
using System.Text;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A global variable: the section it lies in, where, and how long it is.</summary>
/// <param name="Section">The ELF section, such as <c>.rodata</c>.</param>
/// <param name="Offset">Bytes from the section's start.</param>
/// <param name="Size">Bytes.</param>
public sealed record BtfVariable(string Section, int Offset, int Size);

/// <summary>A member of a struct or union.</summary>
/// <param name="Name">Its name; empty for an anonymous struct or union.</param>
/// <param name="Offset">Bits from the start of the struct.</param>
/// <param name="Type">The id of its type.</param>
public sealed record BtfMember(string Name, int Offset, int Type);

/// <summary>
/// The types of an object or of the kernel, read from the raw format that
/// Documentation/bpf/btf.rst describes. Types are indexed by position; names are read when asked for.
/// </summary>
public sealed partial class Btf
{
    private const ushort Magic = 0xeb9f;
    private const int TypeSize = 12;

    private readonly byte[] _types;
    private readonly byte[] _strings;
    private readonly List<int> _offsets = [0];

    private Btf(byte[] types, byte[] strings)
    {
        _types = types;
        _strings = strings;
        int at = 0;
        for (; at < types.Length; at += TypeSize + Extra(at))
        {
            _offsets.Add(at);
        }

        if (at != types.Length)
        {
            throw NotBtf();
        }
    }

    private enum Kind
    {
        Void, Int, Ptr, Array, Struct, Union, Enum, Fwd, Typedef, Volatile, Const, Restrict, Func, FuncProto, Var,
        Datasec, Float, DeclTag, TypeTag, Enum64,
    }

    /// <summary>The first id that is not of the types below: 1 where there are none.</summary>
    internal int FirstOwn { get; private init; } = 1;

    /// <summary>Reads the raw format.</summary>
    /// <param name="raw">The bytes.</param>
    /// <param name="below">
    /// The types that these stand on, for those of a module ("split BTF"): ids and names go on where these end.
    /// </param>
    /// <exception cref="EbpfException">The bytes are not BTF.</exception>
    public static Btf Parse(ReadOnlySpan<byte> raw, Btf? below = null)
    {
        try
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(raw) != Magic)
            {
                throw NotBtf();
            }

            int header = BinaryPrimitives.ReadInt32LittleEndian(raw[4..]);
            int typeOffset = BinaryPrimitives.ReadInt32LittleEndian(raw[8..]);
            int typeLength = BinaryPrimitives.ReadInt32LittleEndian(raw[12..]);
            int stringOffset = BinaryPrimitives.ReadInt32LittleEndian(raw[16..]);
            int stringLength = BinaryPrimitives.ReadInt32LittleEndian(raw[20..]);
            return new Btf(
                [.. below?._types ?? [], .. raw.Slice(header + typeOffset, typeLength)],
                [.. below?._strings ?? [], .. raw.Slice(header + stringOffset, stringLength)])
            {
                FirstOwn = below?.Count ?? 1,
            };
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw NotBtf(error);
        }
    }

    internal static Btf OfObject(BpfObjectHandle handle)
    {
        nint btf = LibBpf.bpf_object__btf(handle);
        return btf == 0 ? Empty : Parse(LibBpf.RawBtf(btf));
    }

    /// <summary>Finds a global variable.</summary>
    /// <returns>Where it lies, or null when no section has it.</returns>
    /// <exception cref="EbpfException">The types refer to what is not there.</exception>
    public BtfVariable? FindVariable(string name)
    {
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) != Kind.Datasec)
            {
                continue;
            }

            int at = _offsets[id] + TypeSize;
            for (int i = 0; i < Length(_offsets[id]); i++, at += 12)
            {
                if (NameOf(Int(at)) == name)
                {
                    return new BtfVariable(NameOf(id), Int(at + 4), Int(at + 8));
                }
            }
        }

        return null;
    }

    /// <summary>Finds a struct by name.</summary>
    /// <returns>Its size in bytes and its members in order, or null.</returns>
    /// <exception cref="EbpfException">The types refer to what is not there.</exception>
    public (int Size, IReadOnlyList<BtfMember> Members)? FindStruct(string name)
    {
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) == Kind.Struct && NameOf(id) == name)
            {
                int at = _offsets[id];
                bool bitfields = (Int(at + 4) >>> 31) != 0;
                List<BtfMember> members = [];
                for (int i = 0; i < Length(at); i++)
                {
                    int member = at + TypeSize + (i * 12);
                    int offset = Int(member + 8);
                    members.Add(new BtfMember(Text(Int(member)), bitfields ? offset & 0xffffff : offset, Int(member + 4)));
                }

                return (Int(at + 8), members);
            }
        }

        return null;
    }

    private static EbpfException NotBtf(Exception? inner = null) =>
        new(EbpfErrorId.InvalidObject, "The bytes are not BTF.", innerException: inner);

    private int Extra(int at) => (Kind)((Int(at + 4) >> 24) & 0x1f) switch
    {
        Kind.Int or Kind.Var or Kind.DeclTag => 4,
        Kind.Array => 12,
        Kind.Struct or Kind.Union or Kind.Datasec or Kind.Enum64 => 12 * Length(at),
        Kind.Enum or Kind.FuncProto => 8 * Length(at),
        _ => 0,
    };

    private Kind KindOf(int id) => (Kind)((Int(_offsets[id] + 4) >> 24) & 0x1f);

    private int Length(int at) => Int(at + 4) & 0xffff;

    private string NameOf(int id) => id > 0 && id < _offsets.Count ? Text(Int(_offsets[id])) : throw NotBtf();

    private int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(_types.AsSpan(at));

    /// <exception cref="EbpfException">The name is not inside the strings.</exception>
    private string Text(int offset)
    {
        ReadOnlySpan<byte> rest = (uint)offset < (uint)_strings.Length ? _strings.AsSpan(offset) : default;
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : throw NotBtf();
    }
}
