using System.ComponentModel;
using System.Diagnostics;

namespace EbpfPs.Bench;

/// <summary>Small commands whose output is wanted.</summary>
internal static class Shell
{
    /// <summary>What a program prints, both streams; empty when it can't be run.</summary>
    public static string Output(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text + errors.Result;
        }
        catch (Win32Exception)
        {
            // There is no such program, which is what the caller asks.
            return "";
        }
    }

    /// <summary>Where a program is on the PATH, the system folders included; empty when nowhere.</summary>
    public static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists) ?? "";

    /// <summary>The installed version of a Debian package; empty when it isn't installed.</summary>
    public static string PackageVersion(string package)
    {
        string text = Output("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package);
        return text.StartsWith("installed ", StringComparison.Ordinal) ? text["installed ".Length..] : "";
    }
}
