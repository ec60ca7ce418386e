using System.Globalization;

namespace EbpfPs.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        ebpfps-bench [--root DIR] [--output DIR] [--bpftrace PATH] [--only NAME,...] [--repeat N] [--quick]
          --root DIR        the built project: output/EbpfPs and output/agent are there (default: here)
          --output DIR      where the Markdown goes (default: bench/results below the root)
          --bpftrace PATH   one more bpftrace to measure beside the system's
          --only NAME,...   only these parts: open, exec, connect, latency, decode, pwsh, rates
          --repeat N        runs of each tracer, whose median counts (default 5)
          --quick           one run each, shorter: to see whether it works
        """;

    /// <summary>The project's folder.</summary>
    public string Root { get; private set; } = Environment.CurrentDirectory;

    /// <summary>Where results are written.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Another bpftrace; empty for none.</summary>
    public string Bpftrace { get; private set; } = "";

    /// <summary>The parts to run; empty for all.</summary>
    public IReadOnlyList<string> Only { get; private set; } = [];

    /// <summary>Runs of each tracer.</summary>
    public int Repeat { get; private set; } = 5;

    /// <summary>Less of everything.</summary>
    public bool Quick { get; private set; }

    /// <summary>Whether a part is wanted.</summary>
    public bool Wants(string part) => Only.Count == 0 || Only.Contains(part);

    /// <summary>A number of operations, fewer with --quick.</summary>
    public long Operations(long full) => Quick ? full / 4 : full;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is not known or has no value.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        Options options = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--quick")
            {
                options.Quick = true;
                options.Repeat = 1;
                continue;
            }

            string value = ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            switch (name)
            {
                case "--root": options.Root = Path.GetFullPath(value); break;
                case "--output": options.Output = Path.GetFullPath(value); break;
                case "--bpftrace": options.Bpftrace = Path.GetFullPath(value); break;
                case "--only": options.Only = value.Split(','); break;
                case "--repeat": options.Repeat = int.Parse(value, CultureInfo.InvariantCulture); break;
                default: throw new ArgumentException($"{name} is not known.");
            }
        }

        if (options.Output.Length == 0)
        {
            options.Output = Path.Combine(options.Root, "bench", "results");
        }

        return options;
    }
}
