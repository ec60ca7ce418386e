using System.Text.Json;
using EbpfPs.KernelTests.Host;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A tracing process in a pid namespace, and one that is killed.</summary>
public sealed class HostTests : KernelTest
{
    private static readonly string[] _kinds = ["prog_id", "map_id", "link_id"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    [Theory]
    [EachWay]
    public void InAPidNamespaceTheNumbersAreThoseOfTheReader(string mechanism)
    {
        string outside = Path.Combine(_folder, "opened from outside");
        using HostProcess host = HostProcess.Start(
            ["/usr/bin/unshare", "-pf", "--mount-proc"], ["workload", mechanism, outside]);
        int self = host.Ready.GetProperty("ProcessId").GetInt32();
        int workload = host.Ready.GetProperty("WorkloadId").GetInt32();
        Assert.Equal(1, self);
        Assert.InRange(workload, 2, 1000);
        Assert.Throws<FileNotFoundException>(() => File.OpenRead(outside));
        host.Stop();

        // By its own number the workload was found, and its events have that number and the reader's as its parent.
        JsonElement[] own = [.. host.Events.Take(6)];
        Assert.All(own, seen => Assert.Equal((workload, workload, self), Ids(seen)));
        Assert.Equal("line\nfeed", own[0].GetProperty("FileName").GetString());

        // Who is not in the namespace has no number there; the reader itself is left out by its own.
        JsonElement other = Assert.Single(host.Events.Skip(6));
        Assert.Equal(outside, other.GetProperty("FileName").GetString());
        Assert.Equal((0, 0, 0), Ids(other));
    }

    /// <summary>time_namespaces(7): the kernel's programs have the machine's clock.</summary>
    [Fact]
    public void InATimeNamespaceTheTimeIsRight()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using HostProcess host = HostProcess.Start(
            ["/usr/bin/unshare", "-fT", "--boottime", "86400"], ["watch", "open", $"pid={workload.ProcessId}"]);
        Assert.Equal(JsonValueKind.Undefined, host.Error.ValueKind);
        DateTimeOffset from = DateTimeOffset.UtcNow;
        workload.Finish();
        host.Stop();

        Assert.Equal(6, host.Events.Count);
        Assert.All(host.Events, seen => Assert.InRange(
            seen.GetProperty("TimestampNs").GetInt64() / 1_000_000, from.ToUnixTimeMilliseconds() - 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1));
    }

    [Fact]
    public void KillLeavesNothingInTheKernel()
    {
        using GatedWorkload flood = GatedWorkload.Start("opening", "flood", "/dev/null", "1000000000");
        using HostProcess host = HostProcess.Start([], ["watch", "open,exec,exit", $"pid={flood.ProcessId}", "child=1"]);
        flood.Go();
        IReadOnlyList<string> ids = HeldObjects.IdsOf(host.ProcessId);
        foreach (string kind in _kinds)
        {
            Assert.Contains(ids, id => id.StartsWith(kind, StringComparison.Ordinal));
        }

        Assert.Superset(ids.ToHashSet(), InTheKernel());
        host.Kill();

        string[] left = [.. ids];
        for (int i = 0; left.Length > 0; i++)
        {
            Assert.True(i < 50, "still there: " + string.Join(", ", left));
            Thread.Sleep(100);
            left = [.. left.Intersect(InTheKernel())];
        }
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    /// <summary>Asks bpftool, which sees what any process holds.</summary>
    private static HashSet<string> InTheKernel() =>
        [.. _kinds.SelectMany(kind => BpftoolJson.Json(kind[..^3], "show").EnumerateArray().Select(one => $"{kind} {one.GetProperty("id")}"))];

    private static (int Process, int Thread, int Parent) Ids(JsonElement seen) =>
        (seen.GetProperty("ProcessId").GetInt32(), seen.GetProperty("ThreadId").GetInt32(), seen.GetProperty("ParentProcessId").GetInt32());
}
