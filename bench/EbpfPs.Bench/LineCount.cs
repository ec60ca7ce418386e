using System.Text;

namespace EbpfPs.Bench;

/// <summary>Counts the lines of a file that have a text in them.</summary>
internal static class LineCount
{
    private const int ChunkSize = 4 * 1024 * 1024;

    private static readonly byte[] _chunk = new byte[ChunkSize];

    public static long Of(string path, string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        long count = 0;
        int kept = 0;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        for (int read; (read = file.Read(_chunk, kept, ChunkSize - kept)) > 0;)
        {
            ReadOnlySpan<byte> bytes = _chunk.AsSpan(0, kept + read);
            int whole = bytes.LastIndexOf((byte)'\n') + 1;
            count += CountIn(bytes[..whole], wanted);
            kept = bytes.Length - whole;
            bytes[whole..].CopyTo(_chunk);
        }

        return count;
    }

    private static long CountIn(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> wanted)
    {
        long count = 0;
        for (int at; (at = lines.IndexOf(wanted)) >= 0;)
        {
            count++;
            int end = lines[at..].IndexOf((byte)'\n');
            lines = lines[(at + end + 1)..];
        }

        return count;
    }
}
