using EbpfPs.Probes;

namespace EbpfPs.Agent;

/// <summary>The agent: the engine as a process, for machines without PowerShell and for other programs.</summary>
internal static class Program
{
    private const int Good = 0;
    private const int Failed = 1;
    private const int Misused = 2;

    private const string Help = """
        ebpfps-agent: what the Linux kernel does, as a stream of events on standard output

        usage: ebpfps-agent watch PROBE[,PROBE...] [OPTION]...
               ebpfps-agent list
               ebpfps-agent --help | --version

          --format json|text     one JSON object a line (the default), or columns for people
          --duration TIME        end after it: 5 (seconds), 500ms, 2m, 00:01:30
          --max-events N         end after so many
          --process-id PID,...   only these processes
          --process-name NAME,...  only processes of these names; * ? [a-z] are wildcards
          --user USER,...        only processes of these users, by name or number
          --cgroup PATH          only processes in this cgroup and below; may be repeated
          --include-child        also what descends from the processes that the options above choose
          --include-self         also the agent itself
          --min-duration TIME    only calls that took so long
          --syscall NAME,...     which syscalls the latency probe times
          --buffer-size SIZE     the ring's size, a power of two: 8MB is the default
          --mechanism NAME       attach in this way only; see ebpfps-agent list

        In JSON, a byte of a name that is no UTF-8 stands as \udc80 to \udcff, so that nothing is lost: PowerShell,
        Python and JavaScript read it as that character, and Python's os.fsencode gives the byte back.

        SIGINT and SIGTERM end it: it writes what the ring still holds, then on standard error how many events
        were made, delivered and lost. A second signal ends it at once. Exit status: 0 good, 1 failed, 2 misused.
        Needs root, or CAP_BPF and CAP_PERFMON.
        """;

    private static int Main(string[] words)
    {
        try
        {
            return Run(words);
        }
        catch (UsageException error)
        {
            return Fail(Misused, $"{error.Message} See ebpfps-agent --help.");
        }
        catch (EbpfException error)
        {
            return Fail(Failed, $"{error.Message} {error.Hint}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fail(Failed, $"The output can't be written: {error.Message}");
        }
    }

    private static int Run(string[] words)
    {
        switch (words.FirstOrDefault())
        {
            case "watch":
                Watch(Arguments.Parse(words.Skip(1)));
                return Good;
            case "list" when words.Length == 1:
                foreach (ProbeSpec probe in ProbeCatalog.All)
                {
                    Console.WriteLine($"{probe.Name,-8} {probe.Description}");
                    foreach (ProbeMechanism mechanism in probe.Mechanisms)
                    {
                        Console.WriteLine($"{"",-8}   by {mechanism.Name}{(probe.LimitationHere(mechanism) is { Length: > 0 } limitation ? $": {limitation}" : "")}");
                    }
                }

                return Good;
            case "--help":
                Console.WriteLine(Help);
                return Good;
            case "--version":
                Console.WriteLine(typeof(Program).Assembly.GetName().Version!.ToString(fieldCount: 3));
                return Good;
            case null:
                throw new UsageException("What is it to do: watch, list?");
            default:
                throw new UsageException($"'{string.Join(' ', words)}' is no command.");
        }
    }

    private static void Watch(Arguments arguments)
    {
        SessionOptions options;
        try
        {
            options = arguments.ToSessionOptions();
        }
        catch (EbpfException error)
        {
            throw new UsageException($"{error.Message} {error.Hint}");
        }

        using JsonFormat json = new();
        IEventFormat format = arguments.Json ? json : new TextFormat(Width());
        new Watch(format, arguments.MaxEvents).Run(options, arguments.Duration);
    }

    /// <summary>How wide a line may be: the terminal's width, or what COLUMNS says where there is none; 0 for any.</summary>
    private static int Width() =>
        !Console.IsOutputRedirected ? Console.WindowWidth
        : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int columns) ? columns : 0;

    private static int Fail(int code, string message)
    {
        Tell($"ebpfps-agent: {message.TrimEnd()}");
        return code;
    }

    /// <summary>Writes a line to standard error, if there is one.</summary>
    public static void Tell(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It was closed before the start: nobody is to be told, and the exit status still tells.
            return;
        }
    }
}
