namespace EbpfPs.Bench;

/// <summary>The tools that EbpfPs is measured beside.</summary>
internal sealed class Peers
{
    private readonly Options _options;

    public Peers(Options options) => _options = options;

    /// <summary>bpftrace with a script of this project: the system's, and the one that was given.</summary>
    public IEnumerable<Tracer> Bpftrace(string script, string line, int linesPerOperation = 1)
    {
        string system = Shell.Find("bpftrace");
        if (system.Length == 0)
        {
            yield return new Tracer { Name = "bpftrace", Missing = "it is not installed" };
        }
        else
        {
            yield return Bpftrace(system, script, line, linesPerOperation);
        }

        if (_options.Bpftrace.Length > 0)
        {
            yield return Bpftrace(_options.Bpftrace, script, line, linesPerOperation);
        }
    }

    /// <summary>A tool of bcc's libbpf-tools.</summary>
    public static Tracer LibbpfTool(string tool, string line, int linesPerOperation, params string[] arguments)
    {
        string name = $"libbpf-tools {tool} {Upstream(Shell.PackageVersion("libbpf-tools"))}".TrimEnd();
        string path = Shell.Find(tool);
        return path.Length == 0
            ? new Tracer { Name = name, Missing = "it is not installed" }
            : new Tracer
            {
                Name = name,
                Command = [path, .. arguments],
                LineCommand = line.Length == 0 ? [] : ["/usr/bin/stdbuf", "-oL", path, .. arguments],
                Line = line,
                LinesPerOperation = linesPerOperation,
                Account = "'lost' lines",
            };
    }

    /// <summary>A tool of bcc proper, which compiles its program when it starts and needs the kernel's headers for it.</summary>
    public static Tracer BccTool(string tool, string line, int linesPerOperation, params string[] arguments)
    {
        string name = $"bcc {tool} {Upstream(Shell.PackageVersion("bpfcc-tools"))}".TrimEnd();
        string path = Shell.Find(tool + "-bpfcc");
        string release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        if (path.Length == 0)
        {
            return new Tracer { Name = name, Missing = "it is not installed" };
        }

        if (!Directory.Exists($"/lib/modules/{release}/build") && !File.Exists("/sys/kernel/kheaders.tar.xz"))
        {
            return new Tracer { Name = name, Missing = "there are no headers of this kernel to compile its program with" };
        }

        return new Tracer
        {
            Name = name,
            Command = [path, .. arguments],
            LineCommand = line.Length == 0 ? [] : [path, .. arguments],
            Line = line,
            LinesPerOperation = linesPerOperation,
            Account = "'lost' lines",
        };
    }

    /// <summary>Name and version, for the head of the results.</summary>
    public IEnumerable<(string Name, string Version)> Versions()
    {
        yield return ("bpftrace", BpftraceVersion(Shell.Find("bpftrace")));
        if (_options.Bpftrace.Length > 0)
        {
            yield return ("bpftrace, given with --bpftrace", BpftraceVersion(_options.Bpftrace));
        }

        yield return ("libbpf-tools", Shell.PackageVersion("libbpf-tools"));
        yield return ("bpfcc-tools", Shell.PackageVersion("bpfcc-tools"));
        yield return ("PowerShell", Shell.Output("pwsh", "--version").Replace("PowerShell", "", StringComparison.Ordinal).Trim());
        yield return (".NET runtime", Environment.Version.ToString());
        yield return ("EbpfPs", Shell.Output("git", "-C", _options.Root, "describe", "--always", "--dirty").Trim());
    }

    private static Tracer Bpftrace(string path, string script, string line, int linesPerOperation)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "bpftrace", script);
        return new Tracer
        {
            Name = $"bpftrace {BpftraceVersion(path)}",
            Command = [path, file],
            LineCommand = line.Length == 0 ? [] : [path, "-B", "line", file],
            Line = line,
            LinesPerOperation = linesPerOperation,
            Account = "'Lost' lines",
        };
    }

    private static string BpftraceVersion(string path) =>
        path.Length == 0 ? "" : Shell.Output(path, "--version").Replace("bpftrace v", "", StringComparison.Ordinal).Trim();

    /// <summary>Without Debian's own part: 0.26.0+ds-1 is 0.26.0.</summary>
    private static string Upstream(string version) => version.Split('+', '-')[0];
}
