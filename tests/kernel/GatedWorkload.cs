using System.Diagnostics;

namespace EbpfPs.KernelTests;

/// <summary>
/// One of tests/workloads that has started and waits: a session that is started now for its pid sees what it does
/// next, and nothing of its start.
/// </summary>
internal sealed class GatedWorkload : IDisposable
{
    private readonly Process _process;

    private GatedWorkload(Process process) => _process = process;

    /// <summary>The pid that was started: the workload's own, unless another program starts it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one of tests/workloads, or a program with a full path that starts one, and waits until it is ready.</summary>
    public static GatedWorkload Start(string program, params string[] arguments)
    {
        Process process = Workload.Start(program, arguments);
        GatedWorkload started = new(process);
        string? line = process.StandardOutput.ReadLine();
        if (line != "ready")
        {
            string error = process.StandardError.ReadToEnd();
            started.Dispose();
            throw new InvalidOperationException($"{program} said '{line}' instead of being ready. {error}");
        }

        return started;
    }

    /// <summary>Lets it go on.</summary>
    public void Go()
    {
        _process.StandardInput.Write('\n');
        _process.StandardInput.Flush();
    }

    /// <summary>Lets it go on and reads the next line that it prints.</summary>
    public string GoAndRead()
    {
        Go();
        return ReadLine();
    }

    /// <summary>Reads the next line that it prints.</summary>
    public string ReadLine() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("The workload ended: " + _process.StandardError.ReadToEnd());

    /// <summary>Lets it go on to its end.</summary>
    /// <returns>What it printed.</returns>
    public string Finish()
    {
        Go();
        return WaitForEnd();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>What it printed.</returns>
    public string WaitForEnd()
    {
        string output = _process.StandardOutput.ReadToEnd();
        string error = _process.StandardError.ReadToEnd();
        if (!_process.WaitForExit(Workload.Longest) || _process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The workload ended with {_process.ExitCode}: {error}");
        }

        return output.TrimEnd('\n');
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
}
