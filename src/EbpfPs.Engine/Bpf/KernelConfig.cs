using System.IO.Compression;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// The options the running kernel was built with, from /proc/config.gz or the file that distributions put in /boot.
/// Only for saying why something is missing: whether it is, is tried.
/// </summary>
internal sealed class KernelConfig
{
    private static readonly Lazy<KernelConfig?> _running = new(ReadRunning);

    private readonly Dictionary<string, string> _options;

    private KernelConfig(Dictionary<string, string> options) => _options = options;

    /// <summary>That of the running kernel; null where nothing tells.</summary>
    public static KernelConfig? Running => _running.Value;

    /// <summary>Whether an option is built in or a module.</summary>
    public bool Has(string option) => _options.TryGetValue(option, out string? value) && value is "y" or "m";

    /// <summary>Takes the options from the lines of a configuration.</summary>
    internal static KernelConfig Parse(TextReader reader)
    {
        Dictionary<string, string> options = [];
        while (reader.ReadLine() is string line)
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line.StartsWith("CONFIG_", StringComparison.Ordinal))
            {
                options[line[..equals]] = line[(equals + 1)..];
            }
        }

        return new KernelConfig(options);
    }

    private static KernelConfig? ReadRunning()
    {
        string release = KernelSetting.ReadText("/proc/sys/kernel/osrelease") ?? "";
        foreach (string path in new[] { "/proc/config.gz", $"/boot/config-{release}", $"/lib/modules/{release}/config" })
        {
            try
            {
                using Stream file = File.OpenRead(path);
                using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
                using StreamReader reader = new(content);
                return Parse(reader);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // Not here: the next place may have it.
                continue;
            }
        }

        return null;
    }
}
