using System.Reflection;
using System.Text;
using System.Text.Json;
using EbpfPs.Events;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>What the agent writes: events, reports, and what is wrong with a command line.</summary>
[Trait("Load", "agent")]
public sealed class AgentTests : KernelTest
{
    private const string Marker = "ebpfps-agent-test";

    [Fact]
    public void JsonHasEveryPropertyOfTheEventUnderItsName()
    {
        using AgentProcess agent = AgentProcess.Start("watch", "exec,open,exit", "--process-name", "head", "--max-events", "40");
        (int exitCode, string output, string error) = agent.FinishWhile(() => Workload.Run("/usr/bin/head", "-c1", "/etc/hostname"));

        Assert.Equal(0, exitCode);
        JsonElement[] events = Lines(output);
        Assert.Equal(40, events.Length);
        Check(typeof(ExecEvent), events.First(one => Text(one, "Probe") == "exec"));
        Check(typeof(ExitEvent), events.First(one => Text(one, "Probe") == "exit"));
        JsonElement open = events.First(one => Text(one, "Probe") == "open" && Text(one, "FileName") == "/etc/hostname");
        Check(typeof(OpenEvent), open);
        Assert.Equal("head", Text(open, "ProcessName"));
        Assert.Equal("root", Text(open, "UserName"));
        Assert.Equal("O_RDONLY", Text(open, "Flags"));
        Assert.Equal(JsonValueKind.Number, open.GetProperty("DurationNs").ValueKind);
        Assert.Equal(open.GetProperty("DurationNs").GetInt64() / 100, TimeSpan.Parse(Text(open, "Duration")).Ticks);

        // Time has the offset, and both are one moment to 100 ns.
        DateTimeOffset time = DateTimeOffset.Parse(Text(open, "Time"));
        Assert.Matches(@"T\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$", Text(open, "Time"));
        Assert.Equal(open.GetProperty("TimestampNs").GetInt64() / 100, (time.UtcDateTime - DateTime.UnixEpoch).Ticks);
        Assert.Equal(40, AgentProcess.Report(error)["Delivered"]);
    }

    [Fact]
    public void JsonKeepsEveryByteOfANameAndIsOneLine()
    {
        string script = $"exec cat '/tmp/{Marker}'\"$(printf '\\377\\n\\033\\342\\202\\254\"x')\"";
        using AgentProcess agent = AgentProcess.Start("watch", "open", "--process-name", "cat", "--duration", "3");
        (int exitCode, string output, _) = agent.FinishWhile(() => Workload.Run("/bin/sh", "-c", script));

        Assert.Equal(0, exitCode);
        string line = output.Split('\n').First(one => one.Contains(Marker, StringComparison.Ordinal));
        Assert.DoesNotContain('\x1b', line);
        string raw = JsonDocument.Parse(line).RootElement.GetProperty("FileName").GetRawText();

        // JsonElement.GetString() refuses a lone surrogate; the escape stands in the text.
        Assert.Contains("\\udcff", raw, StringComparison.Ordinal);
        string name = JsonSerializer.Deserialize<string>(raw.Replace("\\udcff", "\\u0001", StringComparison.Ordinal))!.Replace('\x01', '\uDCFF');
        Assert.Equal([.. Encoding.ASCII.GetBytes($"/tmp/{Marker}"), 0xff, (byte)'\n', 0x1b, 0xe2, 0x82, 0xac, (byte)'"', (byte)'x'], KernelText.ToBytes(name));
    }

    [Fact]
    public void ColumnsEscapeWhatWouldDriveATerminal()
    {
        string script = $"exec cat '/tmp/{Marker}'\"$(printf '\\377\\n\\033[31mred')\"";
        using AgentProcess agent = AgentProcess.StartText("watch", "exec,open", "--process-name", "cat", "--duration", "3");
        Workload run = Workload.Run("/bin/sh", "-c", script);
        (int exitCode, string output, string error) = agent.Finish();

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(output, one => char.IsControl(one) && one != '\n');
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} (exec|open) +\d+ root ", line));
        string pid = $" {run.ProcessId} ";
        Assert.Contains(lines, line => line.Contains(pid, StringComparison.Ordinal) && line.EndsWith($@"ok       cat '/tmp/{Marker}\xff\n\e[31mred'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(pid, StringComparison.Ordinal) && line.EndsWith($@"ENOENT   /tmp/{Marker}\xff\n\e[31mred", StringComparison.Ordinal));
        Assert.Matches($@"^exec\+open: \d+ events in \d+\.\d s, \d+ delivered\. {AgentProcess.NothingLost}\n$", error);
    }

    [Fact]
    public void ReportAddsUpWhenTheRingIsTooSmall()
    {
        using AgentProcess agent = AgentProcess.Start("watch", "open", "--buffer-size", "4KB", "--process-name", "find", "--duration", "3");
        (int exitCode, string output, string error) = agent.FinishWhile(() => Workload.Run("/usr/bin/find", "/etc", "/usr/share/doc", "-name", Marker));

        Assert.Equal(0, exitCode);
        Dictionary<string, long> report = AgentProcess.Report(error);
        Assert.Equal(Lines(output).Length, report["Delivered"]);
        Assert.Equal(report["Produced"], report["Delivered"] + report["RingFull"] + report["Unread"]);
        Assert.True(report["RingFull"] > 0, "a page of ring held everything");
        Assert.Equal(0, report["Unread"]);

        // Where the kernel doesn't count the runs that it skips, the report has no number.
        Assert.Equal(Machine.CountsSkippedTracepoints, report.ContainsKey("Missed"));
        Assert.Equal(report["Lost"], report["RingFull"] + report["MapFull"] + report.GetValueOrDefault("Missed") + report["Undecoded"]);
    }

    [Fact]
    public void TheBuildLeavesAnAgentThatTellsItsVersionAndItsProbes()
    {
        Assert.Equal((0, "0.1.0\n", ""), AgentProcess.Run("--version"));
        (int exitCode, string output, string error) = AgentProcess.Run("list");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.All(Probes.ProbeCatalog.All, probe => Assert.Contains($"{probe.Name,-8} {probe.Description}\n", output, StringComparison.Ordinal));
        (exitCode, output, error) = AgentProcess.Run("--help");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("usage: ebpfps-agent watch PROBE", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("What is it to do")]
    [InlineData("'dance' is no command", "dance")]
    [InlineData("No probe was named", "watch")]
    [InlineData("Did you mean 'open'", "watch", "opne")]
    [InlineData("was named twice", "watch", "open,open")]
    [InlineData("There is no option --quick", "watch", "open", "--quick")]
    [InlineData("--duration needs a value", "watch", "open", "--duration")]
    [InlineData("--duration is more than 0", "watch", "open", "--duration", "0")]
    [InlineData("'soon' is no time", "watch", "open", "--duration=soon")]
    [InlineData("'5MiB' is no size", "watch", "open", "--buffer-size", "5MiB")]
    [InlineData("must be a power of two", "watch", "open", "--buffer-size", "5MB")]
    [InlineData("--format is json or text", "watch", "open", "--format", "xml")]
    [InlineData("--max-events is a number from 1", "watch", "open", "--max-events", "-1")]
    [InlineData("There is no user 'nobody-at-all'", "watch", "open", "--user", "nobody-at-all")]
    [InlineData("[ without an end", "watch", "open", "--process-name", "[a")]
    public void MisuseIsExitCodeTwo(string message, params string[] arguments)
    {
        (int exitCode, string output, string error) = AgentProcess.Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("ebpfps-agent: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.EndsWith("See ebpfps-agent --help.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no cgroup '/no-such'", "--cgroup", "/no-such")]
    [InlineData("can't attach through 'telepathy'", "--mechanism", "telepathy")]
    [InlineData("None of the processes", "--process-id", "2147483647")]
    public void RefusalIsExitCodeOne(string message, params string[] arguments)
    {
        (int exitCode, string output, string error) = AgentProcess.Run(["watch", "open", .. arguments]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutCapabilitiesItSaysWhichAreMissing()
    {
        Workload run = Workload.Run("/usr/bin/setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin", AgentProcess.Path, "watch", "exec");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("CAP_BPF", run.Error, StringComparison.Ordinal);
        Assert.Contains("CAP_PERFMON", run.Error, StringComparison.Ordinal);
    }

    private static JsonElement[] Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();

    private static string Text(JsonElement one, string property) => one.GetProperty(property).GetString()!;

    private static void Check(Type eventType, JsonElement one) =>
        Assert.Equal(
            eventType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Order(StringComparer.Ordinal),
            one.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
}
