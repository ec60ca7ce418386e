using System.Diagnostics;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

public sealed class ConnectTests : KernelTest
{
    private static readonly ProcessFilter _ours = new() { ProcessNames = ["connecting", "accepting"] };

    public static TheoryData<string> Mechanisms => new("tracepoint", "raw tracepoint");

    public static TheoryData<string, string, string, string, string, string> Pairs
    {
        get
        {
            TheoryData<string, string, string, string, string, string> data = [];
            foreach (string mechanism in new[] { "tracepoint", "raw tracepoint" })
            {
                data.Add(mechanism, "4", "127.0.0.1", "client", "blocking", "1000 2000");
                data.Add(mechanism, "4", "127.0.0.1", "server", "blocking", "1000000 5");
                data.Add(mechanism, "6", "::1", "client", "blocking", "10 20");
                data.Add(mechanism, "mapped", "127.0.0.1", "client", "blocking", "7 8");
                data.Add(mechanism, "4", "127.0.0.1", "client", "nonblocking", "0 0");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void ConnectionFromBothEnds(string mechanism, string family, string address, string first, string blocking, string bytes)
    {
        long[] counts = bytes.Split(' ').Select(count => long.Parse(count, CultureInfo.InvariantCulture)).ToArray();
        (Recording recording, int[] ports, Workload run) = Record(mechanism, "pair", family, counts[0].ToString(CultureInfo.InvariantCulture), counts[1].ToString(CultureInfo.InvariantCulture), first, blocking);
        ConnectEvent[] seen = recording.Of<ConnectEvent>();
        Assert.Equal(4, seen.Length);
        ConnectEvent connect = Assert.Single(seen, one => one.Action == ConnectAction.Connect);
        ConnectEvent accept = Assert.Single(seen, one => one.Action == ConnectAction.Accept);
        ConnectEvent mine = Assert.Single(seen, one => one.Action == ConnectAction.Close && one.LocalPort == ports[1]);
        ConnectEvent theirs = Assert.Single(seen, one => one.Action == ConnectAction.Close && one.LocalPort == ports[0]);
        foreach (ConnectEvent one in seen)
        {
            bool client = one == connect || one == mine;
            Assert.Equal("connect", one.Probe);
            Assert.Equal(address, one.LocalAddress);
            Assert.Equal(address, one.RemoteAddress);
            Assert.Equal((client ? ports[1] : ports[0], client ? ports[0] : ports[1]), (one.LocalPort, one.RemotePort));
            Assert.Equal((0, ""), (one.ErrorNumber, one.ErrorName));
            Assert.Equal(client ? "connecting" : "accepting", one.ProcessName);
            Assert.Equal(client ? run.ProcessId : accept.ProcessId, one.ProcessId);
            Assert.Equal(client ? Environment.ProcessId : run.ProcessId, one.ParentProcessId);
            Assert.Equal((0u, "root", 0u), (one.UserId, one.UserName, one.GroupId));
            Assert.InRange(one.Time, recording.From, recording.To);
        }

        Assert.Equal((null, null), (connect.BytesSent, connect.BytesReceived));
        Assert.Equal((null, null), (accept.BytesSent, accept.BytesReceived));
        Assert.Equal((counts[0], counts[1]), (mine.BytesSent, mine.BytesReceived));
        Assert.Equal((counts[1], counts[0]), (theirs.BytesSent, theirs.BytesReceived));
        Assert.Null(accept.DurationNs);
        Assert.Null(accept.Duration);
        Assert.InRange(connect.DurationNs!.Value, 1, (recording.To - recording.From).Ticks * 100);
        Assert.InRange(mine.DurationNs!.Value, 1, (recording.To - recording.From).Ticks * 100);
        Assert.Equal(mine.TimestampNs - connect.TimestampNs, mine.DurationNs!.Value, 1_000_000.0);
        Assert.Equal((4, 4, 0), (recording.Loss.Produced, recording.Loss.Delivered, Recorder.LostNotSkipped(recording.Loss)));
    }

    [Theory]
    [InlineData("tracepoint", "4", "127.0.0.1", "blocking")]
    [InlineData("tracepoint", "6", "::1", "blocking")]
    [InlineData("tracepoint", "4", "127.0.0.1", "nonblocking")]
    [InlineData("raw tracepoint", "4", "127.0.0.1", "blocking")]
    [InlineData("raw tracepoint", "4", "127.0.0.1", "nonblocking")]
    public void RefusedConnectIsOneEvent(string mechanism, string family, string address, string blocking)
    {
        (ConnectEvent seen, int[] ports) = Single(mechanism, "refused", family, blocking);
        Assert.Equal((ConnectAction.Connect, 111, "ECONNREFUSED"), (seen.Action, seen.ErrorNumber, seen.ErrorName));
        Assert.Equal((address, ports[0]), (seen.RemoteAddress, seen.RemotePort));
        Assert.Equal(address, seen.LocalAddress);
        Assert.NotEqual(0, seen.LocalPort);
        Assert.NotNull(seen.DurationNs);
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void UnreachableNetworkComesFromTheCallsReturn(string mechanism)
    {
        (ConnectEvent seen, _) = Single(mechanism, "unreachable");
        Assert.Equal((ConnectAction.Connect, "ENETUNREACH"), (seen.Action, seen.ErrorName));
        Assert.Equal(("127.0.0.1", 80, "0.0.0.0", 0), (seen.RemoteAddress, seen.RemotePort, seen.LocalAddress, seen.LocalPort));
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void NoFreePortComesFromTheCallsReturn(string mechanism)
    {
        (Recording recording, int[] ports, _) = Record(mechanism, "noport");
        ConnectEvent failed = Assert.Single(recording.Of<ConnectEvent>(), one => one.ErrorNumber != 0);
        Assert.Equal((ConnectAction.Connect, "EADDRNOTAVAIL"), (failed.Action, failed.ErrorName));
        Assert.Equal(("127.0.0.1", ports[0]), (failed.RemoteAddress, failed.RemotePort));
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void TimedOutConnect(string mechanism)
    {
        (Recording recording, _, _) = Record(mechanism, "timeout");
        ConnectEvent failed = Assert.Single(recording.Of<ConnectEvent>(), one => one.ErrorName == "ETIMEDOUT");
        Assert.Equal(ConnectAction.Connect, failed.Action);
        Assert.InRange(failed.Duration!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));
        Assert.Equal("connecting", failed.ProcessName);
    }

    [Fact]
    public void AbandonedConnect()
    {
        (Recording recording, int[] ports, _) = Record("tracepoint", "abandoned");
        ConnectEvent seen = Assert.Single(recording.Of<ConnectEvent>(), one => one.LocalPort == ports[1]);
        Assert.Equal((ConnectAction.Connect, "ECONNABORTED"), (seen.Action, seen.ErrorName));
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void ResetEndsBothEnds(string mechanism)
    {
        (Recording recording, int[] ports, _) = Record(mechanism, "reset");
        ConnectEvent[] seen = recording.Of<ConnectEvent>();
        Assert.Equal(
            [ConnectAction.Connect, ConnectAction.Accept, ConnectAction.Close, ConnectAction.Close],
            seen.Select(one => one.Action).Order());
        Assert.Equal(ports.Order(), seen.Where(one => one.Action == ConnectAction.Close).Select(one => one.LocalPort).Order());
        Assert.All(seen, one => Assert.Equal("connecting", one.ProcessName));
    }

    [Fact]
    public void ConnectionThatNobodyAcceptsIsTheClientsAlone()
    {
        // The client has closed and ended when the kernel ends its connection, a moment later.
        Workload run = null!;
        Recording recording = Recorder.Record(
            Recorder.Options("connect", _ours, "tracepoint"),
            () => run = Workload.Run("connecting", "unaccepted"),
            events => events.OfType<ConnectEvent>().Any(one => one.Action == ConnectAction.Close));
        int[] ports = Ports(run.Output);
        Assert.Equal([ConnectAction.Connect, ConnectAction.Close], recording.Of<ConnectEvent>().Select(one => one.Action));
        Assert.All(recording.Of<ConnectEvent>(), one => Assert.Equal(ports[1], one.LocalPort));
    }

    [Fact]
    public void ConnectionOlderThanTheSessionClosesWithoutDuration()
    {
        using Process process = Workload.Start("connecting", "older");
        int[] ports = Ports(process.StandardOutput.ReadLine()!);
        Recording recording = Recorder.Record(Recorder.Options("connect", _ours), () =>
        {
            process.StandardInput.WriteLine();
            process.WaitForExit();
        });
        ConnectEvent[] seen = recording.Of<ConnectEvent>();
        Assert.Equal(2, seen.Length);
        Assert.All(seen, one => Assert.Equal((ConnectAction.Close, null, process.Id), (one.Action, one.DurationNs, one.ProcessId)));
        Assert.Equal(123, seen.Single(one => one.LocalPort == ports[1]).BytesSent);
        Assert.Equal(123, seen.Single(one => one.LocalPort == ports[0]).BytesReceived);
    }

    /// <summary>It becomes a connection in the session, and was not seen to begin: nobody accepts this end.</summary>
    [Fact]
    public void AConnectOlderThanTheSessionIsSeenToClose()
    {
        using Process process = Workload.Start("connecting", "resumed");
        int[] ports = Ports(process.StandardOutput.ReadLine()!);
        Recording recording = Recorder.Record(Recorder.Options("connect", _ours), () =>
        {
            process.StandardInput.WriteLine();
            Assert.True(process.WaitForExit(Workload.Longest) && process.ExitCode == 0, "the connect did not succeed");
        });
        ConnectEvent seen = Assert.Single(recording.Of<ConnectEvent>(), one => one.LocalPort == ports[1]);
        Assert.Equal((ConnectAction.Close, process.Id, "connecting", 123L), (seen.Action, seen.ProcessId, seen.ProcessName, seen.BytesSent));
        Assert.Null(seen.DurationNs);
    }

    [Fact]
    public void WhoResetsAConnectionOlderThanTheSessionIsItsOwner()
    {
        using Process process = Workload.Start("connecting", "older", "reset");
        int[] ports = Ports(process.StandardOutput.ReadLine()!);
        void Reset()
        {
            process.StandardInput.WriteLine();
            process.WaitForExit();
        }

        ConnectEvent[] seen = Recorder.Record(Recorder.Options("connect"), Reset).Of<ConnectEvent>()
            .Where(one => ports.Contains(one.LocalPort) && ports.Contains(one.RemotePort)).ToArray();
        Assert.Equal(2, seen.Length);
        Assert.All(seen, one => Assert.Equal((ConnectAction.Close, null), (one.Action, one.DurationNs)));
        Assert.Equal(process.Id, seen.Single(one => one.LocalPort == ports[1]).ProcessId);

        // The other end hears of it in an interrupt, and nobody knows whose it is: not root's.
        ConnectEvent other = seen.Single(one => one.LocalPort == ports[0]);
        Assert.Equal((0, uint.MaxValue, uint.MaxValue), (other.ProcessId, other.UserId, other.GroupId));
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void OtherSocketsAreNotSeen(string mechanism) =>
        Assert.Empty(Record(mechanism, "others").Recording.Events);

    [Fact]
    public void FilterHoldsForTheWholeConnection()
    {
        ProcessFilter server = new() { ProcessNames = ["accepting"] };
        Recording recording = Recorder.Record(Recorder.Options("connect", server), () => Workload.Run("connecting", "pair", "4", "1", "1", "client"));
        Assert.Equal([ConnectAction.Accept, ConnectAction.Close], recording.Of<ConnectEvent>().Select(one => one.Action));
        Assert.All(recording.Events, one => Assert.Equal("accepting", one.ProcessName));
    }

    private static (ConnectEvent Event, int[] Ports) Single(string mechanism, params string[] arguments)
    {
        (Recording recording, int[] ports, _) = Record(mechanism, arguments);
        return (Assert.Single(recording.Of<ConnectEvent>()), ports);
    }

    private static (Recording Recording, int[] Ports, Workload Run) Record(string mechanism, params string[] arguments)
    {
        Workload run = null!;
        Recording recording = Recorder.RecordWhole(Recorder.Options("connect", _ours, mechanism), () => run = Workload.Run("connecting", arguments));
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        return (recording, Ports(run.Output), run);
    }

    private static int[] Ports(string line) =>
        line.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(port => int.Parse(port, CultureInfo.InvariantCulture)).ToArray();
}
