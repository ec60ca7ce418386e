using System.Globalization;
using System.Text.RegularExpressions;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Reads the lines of a trace pipe, which kernel/trace/trace_output.c writes:
/// <c>TASK-PID (TGID) [CPU] FLAGS SECONDS: bpf_trace_printk: MESSAGE</c>. A message may have more lines; they follow as
/// they are.
/// </summary>
internal static partial class TraceLine
{
    /// <summary>A line that starts a message.</summary>
    /// <param name="Name">The task's name; <c>&lt;...&gt;</c> where the tracer has forgotten it.</param>
    /// <param name="ThreadId">The task.</param>
    /// <param name="ProcessId">Its process; 0 where the tracer doesn't know.</param>
    /// <param name="Cpu">The CPU.</param>
    /// <param name="ClockNs">Nanoseconds of the pipe's clock.</param>
    /// <param name="Message">The message's first line.</param>
    internal readonly record struct Start(string Name, int ThreadId, int ProcessId, int Cpu, long ClockNs, string Message);

    /// <summary>Reads a line that starts a message; null for any other.</summary>
    public static Start? Read(ReadOnlySpan<byte> bytes)
    {
        Match match = Line().Match(KernelText.FromBytes(bytes));
        if (!match.Success)
        {
            return null;
        }

        int process = int.TryParse(match.Groups["process"].Value, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int number) ? number : 0;
        return new Start(
            match.Groups["name"].Value,
            int.Parse(match.Groups["thread"].Value, CultureInfo.InvariantCulture),
            process,
            int.Parse(match.Groups["cpu"].Value, CultureInfo.InvariantCulture),
            (long)(decimal.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture) * 1_000_000_000),
            match.Groups["message"].Value);
    }

    /// <summary>How many messages a line says were lost; 0 for any other line.</summary>
    public static long Lost(ReadOnlySpan<byte> bytes)
    {
        Match match = LostLine().Match(KernelText.FromBytes(bytes));
        return match.Success && long.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out long lost) ? lost : 0;
    }

    // The name is taken as short as can be, and is 16 characters at most, so that no message can pass for a head.
    [GeneratedRegex(@"^ {0,16}(?<name>.{1,16}?)-(?<thread>\d{1,9}) +(?:\((?<process>[ \d-]+)\) +)?\[(?<cpu>\d{3,5})\] (?:\S+ )? *(?<time>\d{1,10}\.\d{6}): (?:bpf_trace_printk|0x[0-9a-f]+): (?<message>.*)$", RegexOptions.Singleline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^CPU:\d+ \[LOST (\d+) EVENTS\]$")]
    private static partial Regex LostLine();
}
