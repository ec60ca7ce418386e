using System.Buffers.Binary;
using System.Text;

namespace EbpfPs.Bpf;

/// <summary>Steps through bytes of DWARF; whatever lies outside is an error.</summary>
internal ref struct DwarfReader(ReadOnlySpan<byte> bytes, int position)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next byte is.</summary>
    public int Position { get; private set; } = position;

    public readonly bool IsAtEnd => Position >= _bytes.Length;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A number of 1 to 8 bytes, the lowest first.</summary>
    public ulong Number(int size)
    {
        ulong value = 0;
        ReadOnlySpan<byte> taken = Take(size);
        for (int i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | taken[i];
        }

        return value;
    }

    /// <summary>A number of 7 bits a byte (LEB128).</summary>
    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Byte();
            value |= shift < 64 ? (ulong)(next & 0x7f) << shift : 0;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }

    /// <summary>The same with a sign.</summary>
    public long Signed()
    {
        long value = 0;
        for (int shift = 0; ;)
        {
            byte next = Byte();
            value |= shift < 64 ? (long)(next & 0x7f) << shift : 0;
            shift += 7;
            if ((next & 0x80) == 0)
            {
                return (next & 0x40) != 0 && shift < 64 ? value | (-1L << shift) : value;
            }
        }
    }

    /// <summary>Text up to its NUL.</summary>
    public string Text()
    {
        int length = _bytes[Position..].IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(Take(length < 0 ? int.MaxValue : length));
        Position++;
        return text;
    }

    public void Skip(ulong count) => Take(count > int.MaxValue ? int.MaxValue : (int)count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
        {
            throw new EbpfException(EbpfErrorId.InvalidObject, "The debug information ends too early.");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
