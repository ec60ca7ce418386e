using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Connections through io_uring: what tests/workloads/uring-connect.c does, by each way to submit and both mechanisms.</summary>
public sealed class IoUringConnectTests : KernelTest
{
    private static readonly ProcessFilter _ours = new() { ProcessNames = ["uring-connect", "accepting"] };

    [IoUringTheory]
    [EachWay("plain", "4", "127.0.0.1")]
    [EachWay("async", "4", "127.0.0.1")]
    [EachWay("sqpoll", "6", "::1")]
    [EachWay("linked", "mapped", "127.0.0.1")]
    public void ConnectionFromBothEnds(string mechanism, string ring, string family, string address) =>
        AssertPair(mechanism, ring, family, address, "single");

    [IoUringTheory(MultishotAccept = true)]
    [EachWay("plain")]
    [EachWay("sqpoll")]
    public void AcceptOfManyIsSeenEachTime(string mechanism, string ring) =>
        AssertPair(mechanism, ring, "4", "127.0.0.1", "multishot");

    [IoUringTheory]
    [EachWay("plain")]
    [EachWay("async")]
    [EachWay("sqpoll")]
    public void RefusedConnectIsOneEvent(string mechanism, string ring)
    {
        (ConnectEvent seen, int[] numbers) = Single(mechanism, ring, "refused");

        Assert.Equal((ConnectAction.Connect, 111, -111), (seen.Action, seen.ErrorNumber, numbers[2]));
        Assert.Equal(("127.0.0.1", numbers[0], "127.0.0.1"), (seen.RemoteAddress, seen.RemotePort, seen.LocalAddress));
        Assert.NotEqual(0, seen.LocalPort);
    }

    [IoUringTheory]
    [EachWay("plain")]
    [EachWay("async")]
    [EachWay("sqpoll")]
    [EachWay("linked")]
    public void UnreachableNetworkComesFromTheCompletion(string mechanism, string ring)
    {
        (ConnectEvent seen, int[] numbers) = Single(mechanism, ring, "unreachable");

        Assert.Equal((ConnectAction.Connect, "ENETUNREACH", -101), (seen.Action, seen.ErrorName, numbers[2]));
        Assert.Equal(("127.0.0.1", 80, "0.0.0.0", 0), (seen.RemoteAddress, seen.RemotePort, seen.LocalAddress, seen.LocalPort));
    }

    [IoUringTheory]
    [EachWay("plain")]
    [EachWay("async")]
    [EachWay("sqpoll")]
    public void NoFreePortComesFromTheCompletion(string mechanism, string ring)
    {
        (Recording recording, int[] numbers, int pid) = Record(mechanism, ring, "noport");
        ConnectEvent failed = Assert.Single(recording.Of<ConnectEvent>(), one => one.ErrorNumber != 0);

        AssertTask(failed, pid, recording);
        Assert.Equal((ConnectAction.Connect, "EADDRNOTAVAIL", -99), (failed.Action, failed.ErrorName, numbers[2]));
        Assert.Equal(("127.0.0.1", numbers[0]), (failed.RemoteAddress, failed.RemotePort));
        Assert.Equal(1, recording.Of<ConnectEvent>().Count(one => one.Action == ConnectAction.Connect && one.ErrorNumber == 0));
    }

    [IoUringTheory]
    [EachWay("plain")]
    [EachWay("sqpoll")]
    public void CancelledConnectIsAbandonedWhenTheSocketCloses(string mechanism, string ring)
    {
        (Recording recording, int[] numbers, int pid) = Record(mechanism, ring, "cancelled");
        ConnectEvent seen = Assert.Single(recording.Of<ConnectEvent>(), one => one.LocalPort == numbers[1]);

        AssertTask(seen, pid, recording);
        Assert.Equal((ConnectAction.Connect, "ECONNABORTED", -125), (seen.Action, seen.ErrorName, numbers[2]));
    }

    [IoUringTheory]
    [EachWay("async")]
    [EachWay("sqpoll")]
    public void FilterMeansTheProcesssName(string mechanism, string ring)
    {
        ProcessFilter threads = new() { ProcessNames = ["iou-*"] };
        Recording recording = Recorder.Record(
            Recorder.Options("connect", threads, mechanism), () => Workload.Run("uring-connect", ring, "unreachable"));

        Assert.Empty(recording.Events);
    }

    private static void AssertPair(string mechanism, string ring, string family, string address, string accepting)
    {
        (Recording recording, int[] ports, int pid) = Record(mechanism, ring, "pair", family, accepting);
        ConnectEvent[] seen = recording.Of<ConnectEvent>();

        Assert.Equal(4, seen.Length);
        ConnectEvent connect = Assert.Single(seen, one => one.Action == ConnectAction.Connect);
        ConnectEvent accept = Assert.Single(seen, one => one.Action == ConnectAction.Accept);
        foreach (ConnectEvent one in seen)
        {
            bool client = one.ProcessId == pid;
            Assert.Equal((client ? ports[1] : ports[0], client ? ports[0] : ports[1]), (one.LocalPort, one.RemotePort));
            Assert.Equal((address, address, 0), (one.LocalAddress, one.RemoteAddress, one.ErrorNumber));
            Assert.Equal(client ? "uring-connect" : "accepting", one.ProcessName);
            Assert.Equal(client ? pid : accept.ProcessId, one.ProcessId);
            Assert.Equal(client ? Environment.ProcessId : pid, one.ParentProcessId);
            Assert.InRange(one.Time, recording.From, recording.To);
        }

        Assert.Equal(pid, connect.ProcessId);
        Assert.InRange(connect.DurationNs!.Value, 1, (recording.To - recording.From).Ticks * 100);
        Assert.Null(accept.DurationNs);
        Assert.Equal([0L, 10L], seen.Where(one => one.Action == ConnectAction.Close).Select(one => one.BytesSent!.Value).Order());
        Assert.Equal((4, 4, 0, 0), (recording.Loss.Produced, recording.Loss.Delivered, recording.Loss.RingFull, recording.Loss.MapFull));
    }

    private static void AssertTask(ConnectEvent seen, int pid, Recording recording)
    {
        Assert.Equal((pid, Environment.ProcessId), (seen.ProcessId, seen.ParentProcessId));
        Assert.Equal(("uring-connect", 0U, "root", 0U), (seen.ProcessName, seen.UserId, seen.UserName, seen.GroupId));
        Assert.InRange(seen.Time, recording.From, recording.To);
        Assert.InRange(seen.DurationNs!.Value, 1, (recording.To - recording.From).Ticks * 100);
    }

    private static (ConnectEvent Event, int[] Numbers) Single(string mechanism, params string[] arguments)
    {
        (Recording recording, int[] numbers, int pid) = Record(mechanism, arguments);
        ConnectEvent seen = Assert.Single(recording.Of<ConnectEvent>());
        AssertTask(seen, pid, recording);
        return (seen, numbers);
    }

    private static (Recording Recording, int[] Numbers, int ProcessId) Record(string mechanism, params string[] arguments)
    {
        Workload run = null!;
        Recording recording = Recorder.Record(Recorder.Options("connect", _ours, mechanism), () => run = Workload.Run("uring-connect", arguments));
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        int[] numbers = run.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (recording, numbers, run.ProcessId);
    }
}
