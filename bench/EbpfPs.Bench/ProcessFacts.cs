using System.Globalization;

namespace EbpfPs.Bench;

/// <summary>What /proc/PID tells of a process, proc(5).</summary>
internal static class ProcessFacts
{
    /// <summary>sysconf(_SC_CLK_TCK) is 100 on every architecture of Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Processor time that its threads have used until now, in seconds, to 10 ms.</summary>
    public static double CpuSeconds(int pid)
    {
        string[] fields = StatFields(pid);

        // utime and stime are the 14th and 15th field; the fields here start with the 3rd.
        return fields.Length < 13
            ? 0
            : (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The most memory it ever had resident, in MB of 1,000,000 bytes.</summary>
    public static double PeakMegabytes(int pid)
    {
        foreach (string line in Lines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            {
                return long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
            }
        }

        return 0;
    }

    /// <summary>Its eBPF programs, maps, links and perf events, and all its descriptors.</summary>
    public static (int Kernel, int All) Descriptors(int pid)
    {
        int kernel = 0;
        int all = 0;
        try
        {
            foreach (string path in Directory.EnumerateFiles($"/proc/{pid}/fd"))
            {
                string target = new FileInfo(path).LinkTarget ?? "";
                all++;
                kernel += target.Contains("bpf", StringComparison.Ordinal) || target.Contains("perf_event", StringComparison.Ordinal) ? 1 : 0;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return (0, 0);
        }

        return (kernel, all);
    }

    private static string[] StatFields(int pid)
    {
        string stat = string.Concat(Lines($"/proc/{pid}/stat"));

        // The name, in parentheses, may have blanks and parentheses itself.
        int end = stat.LastIndexOf(')');
        return end < 0 ? [] : stat[(end + 2)..].Split(' ');
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended: there is nothing to tell any more.
            return [];
        }
    }
}
