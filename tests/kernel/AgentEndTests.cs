using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Every way in which the agent ends: by itself, by a signal, because nobody reads any more.</summary>
[Trait("Load", "agent")]
public sealed class AgentEndTests : KernelTest
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void ASignalEndsItWithTheReport(string signal)
    {
        using AgentProcess agent = AgentProcess.StartText("watch", "exec", "--process-name", "true");
        Workload run = Workload.Run("/bin/true");
        agent.Signal(signal);
        (int exitCode, string output, string error) = agent.Finish();

        Assert.Equal(0, exitCode);
        Assert.Contains($" {run.ProcessId} ", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Matches($@"^exec: 1 events in .* s, 1 delivered\. {AgentProcess.NothingLost}\n$", error);
    }

    [Fact]
    public void ASignalEndsItWhileItIsFlooded()
    {
        using AgentProcess agent = AgentProcess.StartText("watch", "open", "--process-name", "find");
        using Process flood = Workload.Start("/bin/sh", "-c", "while :; do find /usr/share -name none; done");
        try
        {
            for (int i = 0; i < 10_000; i++)
            {
                agent.Output.ReadLine();
            }

            agent.Signal("INT");
            (int exitCode, _, string error) = agent.Finish();

            Assert.Equal(0, exitCode);
            Assert.StartsWith("open: ", error, StringComparison.Ordinal);
        }
        finally
        {
            flood.Kill(entireProcessTree: true);
            flood.WaitForExit();
        }
    }

    [Fact]
    public void ASecondSignalEndsItThoughItsOutputIsStuck()
    {
        using AgentProcess agent = AgentProcess.StartText("watch", "open", "--process-name", "find");

        // Far more than a pipe holds, and nobody reads it.
        Workload.Run("/usr/bin/find", "/usr/share", "-name", "none");
        Thread.Sleep(500);
        agent.Signal("TERM");
        Thread.Sleep(500);
        Assert.False(agent.HasExited, "the output was not stuck");
        agent.Signal("TERM");

        Assert.NotEqual(0, agent.WaitForExit());
    }

    [Fact]
    public async Task AClosedPipeEndsItWithTheReport()
    {
        using AgentProcess agent = AgentProcess.Start("watch", "open", "--process-name", "head");
        Task<string?> first = agent.Output.ReadLineAsync();
        while (!first.IsCompleted)
        {
            Workload.Run("/usr/bin/head", "-c1", "/etc/hostname");
        }

        Assert.StartsWith("{\"Time\":", await first, StringComparison.Ordinal);
        agent.Output.Close();
        Stopwatch clock = Stopwatch.StartNew();
        while (!agent.HasExited && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            Workload.Run("/usr/bin/head", "-c1", "/etc/hostname");
        }

        Assert.Equal(0, agent.WaitForExit());
        Assert.True(AgentProcess.Report(agent.Error())["Delivered"] > 0);
    }

    [Fact]
    public void AFullDiskIsExitCodeOneAndStillAReport()
    {
        Workload run = Workload.Run("/bin/sh", "-c", $"exec '{AgentProcess.Path}' watch open --include-self --duration 20 > /dev/full");

        Assert.Equal(1, run.ExitCode);
        string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.True(AgentProcess.Report(lines[0])["Produced"] > 0);
        Assert.Contains("No space left on device", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnyOutputItEndsAndDoesNotCrash()
    {
        Workload run = Workload.Run("/bin/sh", "-c", $"exec '{AgentProcess.Path}' watch open --include-self --duration 20 >&- 2>&-");

        Assert.Equal((1, "", ""), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public void ItEndsAfterTheTime()
    {
        Stopwatch clock = Stopwatch.StartNew();
        (int exitCode, string output, string error) = AgentProcess.Run("watch", "exec", "--process-name", "nobody-has-it", "--duration", "700ms");

        Assert.Equal((0, ""), (exitCode, output));
        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(700));
        Assert.Equal(0, AgentProcess.Report(error)["Produced"]);
    }

    [Fact]
    public void ItEndsAfterTheLastOfItsProcesses()
    {
        using Process other = Workload.Start("/bin/cat");
        string pid = other.Id.ToString(CultureInfo.InvariantCulture);
        using AgentProcess agent = AgentProcess.StartText("watch", "open,exit", "--process-id", pid);
        other.StandardInput.Close();
        (int exitCode, string output, _) = agent.Finish();

        Assert.Equal(0, exitCode);
        Assert.Contains($" {pid} ", output, StringComparison.Ordinal);
    }

    [BpftoolFact]
    public void KillingItLeavesNothingInTheKernel()
    {
        using AgentProcess agent = AgentProcess.StartText("watch", "exec,open", "--process-name", "nobody-has-it");
        IReadOnlyList<string> held = HeldObjects.IdsOf(agent.Id);
        Assert.All(["prog_id", "map_id", "link_id"], kind => Assert.Contains(held, one => one.StartsWith(kind, StringComparison.Ordinal) && IsInTheKernel(one)));
        agent.Signal("KILL");
        agent.WaitForExit();

        // The kernel frees programs and maps after a grace period.
        Stopwatch clock = Stopwatch.StartNew();
        string[] left = held.Where(IsInTheKernel).ToArray();
        while (left.Length > 0 && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            Thread.Sleep(50);
            left = left.Where(IsInTheKernel).ToArray();
        }

        Assert.Empty(left);
    }

    /// <summary>Whether an object is there, as <c>prog_id 7</c>.</summary>
    private static bool IsInTheKernel(string held)
    {
        string[] parts = held.Split(' ');
        return Workload.Run(Bpftool.Path!, parts[0].Replace("_id", "", StringComparison.Ordinal), "show", "id", parts[1]).ExitCode == 0;
    }
}
