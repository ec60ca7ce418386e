using System.Numerics;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>
/// Keeps the strings that were last made from kernel text, so that a name which comes a million times is one
/// string. Direct-mapped: two texts that fall on one place replace each other.
/// </summary>
internal sealed class TextCache
{
    private const int Entries = 4096;

    /// <summary>Longer text seldom comes twice, and would keep much memory alive.</summary>
    private const int LongestKept = 256;

    private readonly (byte[] Bytes, string Text)[] _entries = new (byte[], string)[Entries];

    /// <summary>Decodes bytes up to the first NUL, like <see cref="KernelText.FromBytes"/>.</summary>
    public string Get(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        if (end >= 0)
        {
            bytes = bytes[..end];
        }

        if (bytes.Length == 0)
        {
            return "";
        }

        if (bytes.Length > LongestKept)
        {
            return KernelText.FromBytes(bytes);
        }

        ref (byte[] Bytes, string Text) entry = ref _entries[Hash(bytes) % Entries];
        if (entry.Bytes is null || !bytes.SequenceEqual(entry.Bytes))
        {
            entry = (bytes.ToArray(), KernelText.FromBytes(bytes));
        }

        return entry.Text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(bytes)) * Multiplier, 29);
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * Multiplier;
        }

        return (uint)(hash >> 32);
    }
}
