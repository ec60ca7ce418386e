using System.Diagnostics;
using System.Text.Json;

namespace EbpfPs.KernelTests.Host;

/// <summary>Runs <see cref="HostProgram"/> and reads what it prints.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly string _dotnet = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    private readonly Process _process;
    private Dictionary<string, Refusal>? _refusals;

    private HostProcess(Process process) => _process = process;

    /// <summary>The events that have been read so far.</summary>
    public List<JsonElement> Events { get; } = [];

    /// <summary>What the program said when its session ran; undefined when it could not start one.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>The <see cref="EbpfException"/> that ended it; undefined when there was none.</summary>
    public JsonElement Error { get; private set; }

    /// <summary>The final report; undefined before the end.</summary>
    public JsonElement Loss { get; private set; }

    /// <summary>What a counting program has counted, as it last said.</summary>
    public Dictionary<string, ProbeCount> Counts { get; private set; } = [];

    /// <summary>The starts that a program tried with too few descriptors.</summary>
    public List<Attempt> Attempts { get; } = [];

    /// <summary>The pid that was started: the program's own, if what is before it executes it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the program and waits until it runs a session or has failed to.</summary>
    /// <param name="before">A program that starts ours in another environment, with its arguments; may be empty.</param>
    /// <param name="arguments">Our program's arguments.</param>
    /// <param name="environment">Variables to set.</param>
    public static HostProcess Start(string[] before, string[] arguments, params (string Name, string Value)[] environment)
    {
        string[] all = [.. before, _dotnet, HostFolder.Assembly, .. arguments];
        ProcessStartInfo start = new(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        HostProcess host = new(Process.Start(start)!);
        try
        {
            host.ReadUntil(host.IsStarted);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Asks a counting program what it has counted until now.</summary>
    public Dictionary<string, ProbeCount> Ask()
    {
        Dictionary<string, ProbeCount> before = Counts;
        _process.StandardInput.Write("?\n");
        _process.StandardInput.Flush();
        ReadUntil(() => Counts != before);
        return Counts;
    }

    /// <summary>Waits until a counting program has taken all that there is and counts no more.</summary>
    public void WaitUntilIdle()
    {
        long last = -1;
        for (long now = Total(); now != last; now = Total())
        {
            last = now;
            Thread.Sleep(200);
        }

        long Total() => Ask().Values.Sum(count => count.Events);
    }

    /// <summary>Has another process start each of some probes alone, and reads why it could not.</summary>
    /// <param name="before">As for <see cref="Start"/>.</param>
    /// <param name="probes">Their names.</param>
    /// <returns>What was said of each.</returns>
    public static IReadOnlyDictionary<string, Refusal> Refusals(string[] before, IEnumerable<string> probes)
    {
        using HostProcess host = Start(before, ["refused", string.Join(',', probes)]);
        return host._refusals!;
    }

    /// <summary>Starts the program for work that has no session, and whose output is not of the form that <see cref="Start"/> reads.</summary>
    public static Process StartPlain(string[] arguments) => Process.Start(StartInfo([], arguments))!;

    /// <summary>Ends the session in an orderly way and reads what is left.</summary>
    public HostProcess Stop()
    {
        _process.StandardInput.Write('\n');
        _process.StandardInput.Flush();
        ReadUntil(() => false);
        Xunit.Assert.True(_process.WaitForExit(Workload.Longest), "the host did not end");
        Xunit.Assert.Equal(0, _process.ExitCode);
        return this;
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name) =>
        Workload.Run("/bin/kill", "-s", name, ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Ends the process as nothing can be ended more suddenly.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string[] before, string[] arguments)
    {
        string[] all = [.. before, _dotnet, typeof(HostProcess).Assembly.Location, .. arguments];
        return new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
    }

    private bool IsStarted() =>
        Ready.ValueKind != JsonValueKind.Undefined || Error.ValueKind != JsonValueKind.Undefined || _refusals is not null;

    private void ReadUntil(Func<bool> done)
    {
        while (!done() && _process.StandardOutput.ReadLine() is string line)
        {
            string[] parts = line.Split(' ', 2);
            JsonElement document = JsonDocument.Parse(parts[1]).RootElement;
            switch (parts[0])
            {
                case "event":
                    Events.Add(document);
                    break;
                case "ready":
                    Ready = document;
                    break;
                case "error":
                    Error = document;
                    break;
                case "refused":
                    _refusals = document.Deserialize<Dictionary<string, Refusal>>();
                    break;
                case "counts":
                    Counts = Counting.Parse(document);
                    break;
                case "attempt":
                    Attempts.Add(document.Deserialize<Attempt>()!);
                    break;
                case "loss":
                    Loss = document;
                    break;
                default:
                    throw new InvalidDataException(line);
            }
        }

        if (!IsStarted())
        {
            throw new InvalidOperationException("The host ended without a word: " + _process.StandardError.ReadToEnd());
        }
    }
}
