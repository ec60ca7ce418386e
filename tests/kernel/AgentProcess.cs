using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>The built agent as a process, as a user or another program runs it.</summary>
internal sealed class AgentProcess : IDisposable
{
    /// <summary>No run takes nearly so long; a hang must not outlast it.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _error;

    /// <summary>The end of a report without loss, as a pattern: what the kernel doesn't count isn't claimed.</summary>
    public static string NothingLost { get; } =
        Machine.CountsSkippedTracepoints ? @"Nothing was lost\." : @"Nothing was lost that this kernel counts\.";

    private AgentProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Full path of the agent, as the build leaves it.</summary>
    public static string Path => System.IO.Path.GetFullPath(Workload.PathOf("../agent/ebpfps-agent"));

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>
    /// Starts the agent. A shell that runs tests in the background ignores SIGINT and its children inherit that:
    /// env(1) gives the agent the default back, as at a prompt.
    /// </summary>
    public static AgentProcess Start(params string[] arguments) =>
        new(Workload.Start("/usr/bin/env", ["--default-signal=INT", Path, .. arguments]));

    /// <summary>Starts it with columns, and returns once it is attached: the header comes then.</summary>
    public static AgentProcess StartText(params string[] arguments)
    {
        AgentProcess agent = Start([.. arguments, "--format", "text"]);
        Task<string?> header = agent.Output.ReadLineAsync();
        Assert.True(header.Wait(_longest), "the agent did not begin");
        Assert.StartsWith("TIME ", header.Result, StringComparison.Ordinal);
        return agent;
    }

    /// <summary>Runs it to its end.</summary>
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using AgentProcess agent = Start(arguments);
        return agent.Finish();
    }

    /// <summary>Does something again and again until the agent has ended by itself; what it wrote then.</summary>
    public (int ExitCode, string Output, string Error) FinishWhile(Action work)
    {
        Task<string> output = Output.ReadToEndAsync();
        Stopwatch clock = Stopwatch.StartNew();
        while (!_process.WaitForExit(20) && clock.Elapsed < _longest)
        {
            work();
        }

        return Finish(output);
    }

    /// <summary>Waits for its end; what it wrote then, from where the test has read to.</summary>
    public (int ExitCode, string Output, string Error) Finish() => Finish(Output.ReadToEndAsync());

    /// <summary>Waits for its end without reading more.</summary>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(_longest), "the agent did not end");
        return _process.ExitCode;
    }

    /// <summary>Its error stream, after its end.</summary>
    public string Error()
    {
        Assert.True(_error.Wait(_longest), "the error stream stayed open");
        return _error.Result;
    }

    /// <summary>Sends it a signal, by the shell's own kill: the program of that name is not installed everywhere.</summary>
    public void Signal(string name) => Assert.Equal(0, Workload.Run("/bin/sh", "-c", $"kill -s {name} {Id}").ExitCode);

    /// <summary>The report in an error stream: the one line that the JSON format writes.</summary>
    public static Dictionary<string, long> Report(string error) =>
        JsonDocument.Parse(Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement
            .EnumerateObject()
            .Where(property => property.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(property => property.Name, property => property.Value.GetInt64());

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        // The process closes only the ends that nobody has touched.
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        _process.Dispose();
    }

    private (int ExitCode, string Output, string Error) Finish(Task<string> output)
    {
        int exitCode = WaitForExit();
        Assert.True(output.Wait(_longest), "the output stayed open");
        return (exitCode, output.Result, Error());
    }
}
