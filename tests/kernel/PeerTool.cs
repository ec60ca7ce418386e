using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A fact that compares with a tool of another project; without the tool it is skipped by name.</summary>
public sealed class PeerFactAttribute : FactAttribute
{
    private bool _needsKprobes;

    public PeerFactAttribute(string tool)
    {
        if (PeerTool.Find(tool) is null)
        {
            Skip = $"{tool} (Debian package libbpf-tools) is not installed";
        }
    }

    /// <summary>Whether the tool attaches to kprobes: Linux has them since 2.6.9, if it was built with CONFIG_KPROBES.</summary>
    public bool NeedsKprobes
    {
        get => _needsKprobes;
        set
        {
            _needsKprobes = value;
            if (value && !Directory.Exists("/sys/bus/event_source/devices/kprobe"))
            {
                Skip ??= "this kernel was built without kprobes (CONFIG_KPROBES)";
            }
        }
    }
}

/// <summary>One of bcc's libbpf-tools that runs beside a session, and the lines that it prints.</summary>
internal sealed class PeerTool : IDisposable
{
    private const int SigInt = 2;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);
    private static readonly string[] _folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private readonly Process _process;
    private readonly Task<string> _output;

    private PeerTool(Process process)
    {
        _process = process;

        // From the start: a tool that waits for room in the pipe would lose events.
        _output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Full path of a tool; null where it isn't installed.</summary>
    public static string? Find(string tool) =>
        _folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>Starts a tool and waits for the header that it prints when it is attached.</summary>
    public static PeerTool Start(string tool, params string[] arguments)
    {
        // Line by line: into a pipe it would print only when its buffer is full.
        Process process = Workload.Start("/usr/bin/stdbuf", ["-oL", Find(tool)!, .. arguments]);
        Task<string?> header = process.StandardOutput.ReadLineAsync();
        Assert.True(header.Wait(_longest) && header.Result is not null, $"{tool} did not start");
        return new PeerTool(process);
    }

    /// <summary>Ends the tool as Ctrl+C does.</summary>
    /// <returns>The fields of each line that it printed.</returns>
    public string[][] Stop()
    {
        // What the tool has in its own buffer comes out in its time: it polls every 100 ms.
        Thread.Sleep(500);
        Assert.Equal(0, kill(_process.Id, SigInt));
        Assert.True(_process.WaitForExit(_longest), "the tool did not end");
        return _output.Result.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 1)
            .ToArray();
    }

    /// <summary>A field as a number.</summary>
    public static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
