using System.Diagnostics;
using System.Reflection;

namespace EbpfPs.KernelTests;

/// <summary>A process that does what a test wants to see: one of tests/workloads, or a program of the system.</summary>
internal sealed record Workload(int ProcessId, int ExitCode, string Output, string Error)
{
    /// <summary>No workload runs longer; one that does hangs.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Full path of one of tests/workloads.</summary>
    public static string PathOf(string name) => Path.Combine(
        typeof(Workload).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "WorkloadFolder").Value!,
        name);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">A full path, or the name of one of tests/workloads.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Workload Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Longest))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Longest}.");
        }

        return new Workload(process.Id, process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts a program; the caller ends it.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program.StartsWith('/') ? program : PathOf(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
