using System.Globalization;

namespace EbpfPs.Bpf;

/// <summary>What the kernel writes about a descriptor: proc_pid_fdinfo(5).</summary>
internal static class DescriptorFacts
{
    private static readonly Dictionary<string, string> _none = [];

    /// <summary>Reads the lines <c>name: value</c>.</summary>
    /// <param name="process">The process's folder below /proc.</param>
    /// <param name="fd">The descriptor's number there.</param>
    /// <returns>Values by name; none when the descriptor is gone or may not be looked at.</returns>
    public static IReadOnlyDictionary<string, string> Read(string process, int fd)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fdinfo/{fd}"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Descriptors come and go while others look.
            return _none;
        }

        Dictionary<string, string> facts = [];
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                facts.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        return facts;
    }

    /// <summary>A number among them; 0 where it is missing.</summary>
    public static long Number(this IReadOnlyDictionary<string, string> facts, string name) =>
        facts.TryGetValue(name, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
}
