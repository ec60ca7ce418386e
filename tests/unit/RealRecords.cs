using System.Buffers.Binary;

namespace EbpfPs.UnitTests;

/// <summary>
/// Records as real kernels made them: tests/unit/records/PROBE.bin, each with its length before it, four bytes. The
/// program of the kernel tests makes the files: <c>record FOLDER</c>.
/// </summary>
internal static class RealRecords
{
    public static byte[][] Of(string probe)
    {
        byte[] all = File.ReadAllBytes(Path.Combine(Sources.Root, "tests/unit/records", probe + ".bin"));
        List<byte[]> records = [];
        for (int at = 0; at < all.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(at));
            records.Add(all.AsSpan(at + 4, length).ToArray());
            at += 4 + length;
        }

        return [.. records];
    }
}
