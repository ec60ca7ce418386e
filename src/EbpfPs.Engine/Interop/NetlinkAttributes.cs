using System.Buffers.Binary;
using System.Text;

namespace EbpfPs.Interop;

/// <summary>The attributes of a netlink message, <c>struct nlattr</c>: length, type, value, each begun at a multiple of 4.</summary>
internal static class NetlinkAttributes
{
    private const int HeaderSize = 4;

    /// <summary>NLA_TYPE_MASK: the highest two bits say how the value is written.</summary>
    private const int TypeMask = 0x3fff;

    /// <summary>Up to the next multiple of 4.</summary>
    public static int Align(int length) => (length + 3) & ~3;

    /// <summary>The value of an attribute; empty where there is none of this type.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, int type)
    {
        while (TryNext(ref attributes, out int found, out ReadOnlySpan<byte> value))
        {
            if (found == type)
            {
                return value;
            }
        }

        return default;
    }

    /// <summary>Takes the next attribute.</summary>
    public static bool TryNext(scoped ref ReadOnlySpan<byte> attributes, out int type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (attributes.Length < HeaderSize)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
        if (length < HeaderSize || length > attributes.Length)
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) & TypeMask;
        value = attributes[HeaderSize..length];
        attributes = attributes[Math.Min(attributes.Length, Align(length))..];
        return true;
    }

    /// <summary>A number of 8 or 32 bits; 0 where there is none.</summary>
    public static uint Number(ReadOnlySpan<byte> attributes, int type)
    {
        ReadOnlySpan<byte> value = Find(attributes, type);
        return value.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(value) : value.Length > 0 ? value[0] : 0u;
    }

    /// <summary>Text up to its NUL; empty where there is none.</summary>
    public static string Text(ReadOnlySpan<byte> attributes, int type)
    {
        ReadOnlySpan<byte> value = Find(attributes, type);
        int end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }
}
