using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Keys of LPM tries that are addresses: <c>struct bpf_lpm_trie_key</c> (Documentation/bpf/map_lpm_trie.rst), the length
/// of the prefix in bits, then 4 or 16 bytes in network order and nothing else. They are written as <c>10.0.0.0/8</c>.
/// </summary>
internal static class LpmKey
{
    private const int DataStart = sizeof(uint);

    /// <summary>Whether a map's keys are such.</summary>
    public static bool IsAddress(KernelMap map)
    {
        int length = map.KeySize - DataStart;
        if (map.Type != BpfMapType.LpmTrie || length is not (4 or 16))
        {
            return false;
        }

        // With a third member the key means more than an address.
        return map.KeyBtf is not BtfStruct key || (key.Fields.Count == 2 && IsWhole(key.Fields[1].Type, length));
    }

    /// <summary>Address and prefix, as <c>10.0.0.0/8</c>.</summary>
    public static string Decode(ReadOnlySpan<byte> key) => string.Create(
        CultureInfo.InvariantCulture, $"{new IPAddress(key[DataStart..])}/{BinaryPrimitives.ReadUInt32LittleEndian(key)}");

    /// <summary>Makes the bytes of a key of an address and a prefix; an address alone means all its bits.</summary>
    /// <returns>False for what is no text and no address.</returns>
    /// <exception cref="EbpfException">It is not an address of the map's kind, or the prefix is too long.</exception>
    public static bool TryEncode(object key, Span<byte> bytes)
    {
        if ((key is IPAddress ? key.ToString() : key as string) is not string text)
        {
            return false;
        }

        string[] parts = text.Split('/');
        int bits = (bytes.Length - DataStart) * 8;
        int prefix = bits;
        if (parts.Length > 2
            || !IPAddress.TryParse(parts[0], out IPAddress? address)
            || address.GetAddressBytes().Length * 8 != bits
            || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
            || prefix > bits)
        {
            throw MapEncoder.Refused("key", $"'{text}' is no IPv{(bits == 32 ? 4 : 6)} address with a prefix of up to {bits} bits", bits == 32 ? "For instance 10.0.0.0/8." : "For instance fd00::/8.");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)prefix);
        address.GetAddressBytes().CopyTo(bytes[DataStart..]);
        return true;
    }

    private static bool IsWhole(BtfType type, int length) => type switch
    {
        BtfStruct { Fields.Count: 1 } one => IsWhole(one.Fields[0].Type, length),
        BtfStruct union => union.Text.StartsWith("union", StringComparison.Ordinal) && union.Size == length,

        // A flexible array: the map's key size says how long it is.
        BtfArray { Length: 0 } => true,
        BtfArray or BtfInteger => type.Size == length,
        _ => false,
    };
}
