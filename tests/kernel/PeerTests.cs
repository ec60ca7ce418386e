using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Beside tools that others wrote, on one workload: EbpfPs misses nothing that they see. tcpconnect needs kprobes and
/// is compared where the kernel has them, as those of tests/vm do.
/// </summary>
public sealed class PeerTests : KernelTest
{
    private const int Runs = 60;

    /// <summary>
    /// exitsnoop's gaps: it says "signal 9 (Killed)" for a process that a signal ended and "code 7" for others, cuts names to
    /// their 15 bytes, and makes its line when the leader leaves, before the last thread does.
    /// </summary>
    [PeerFact("exitsnoop")]
    public void ExitsnoopSeesNoProcessThatWeMiss()
    {
        using PeerTool peer = PeerTool.Start("exitsnoop");
        string[][] lines = [];
        Recording recording = Recorder.Record(Recorder.Options("exit", new ProcessFilter { ProcessNames = ["exiting"] }), () =>
        {
            for (int i = 0; i < Runs; i++)
            {
                Workload.Run("exiting", i % 2 == 0 ? ["code", "7"] : ["signal", "9"]);
            }

            lines = peer.Stop();
        });

        // PCOMM PID PPID TID AGE(s) EXIT_CODE
        (int Pid, string How)[] theirs = lines.Where(line => line[0] == "exiting")
            .Select(line => (PeerTool.Number(line[1]), string.Join(' ', line[5..]))).ToArray();
        Dictionary<int, ExitEvent> ours = recording.Of<ExitEvent>().ToDictionary(one => one.ProcessId);
        Assert.Equal(Runs, theirs.Length);
        Assert.Equal(Runs, ours.Count);
        Assert.All(theirs, one => Assert.Equal(one.How, ours[one.Pid].Signal == 9 ? "signal 9 (Killed)" : $"code {ours[one.Pid].ExitCode}"));
    }

    /// <summary>
    /// tcplife's gaps: it names whichever process was running when a state changed, often the wrong one; it counts in
    /// KB, and the SYN and FIN as bytes; it has no failed connects and no accepts.
    /// </summary>
    [PeerFact("tcplife")]
    public void TcplifeSeesNoConnectionThatWeMiss()
    {
        using PeerTool peer = PeerTool.Start("tcplife");
        string[][] lines = [];
        HashSet<(int, int)> ports = [];
        Recording recording = Recorder.Record(Recorder.Options("connect", new ProcessFilter { ProcessNames = ["connecting", "accepting"] }), () =>
        {
            for (int i = 0; i < Runs; i++)
            {
                int[] pair = Workload.Run("connecting", "pair", "4", "20480", "10240", i % 2 == 0 ? "client" : "server")
                    .Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(PeerTool.Number).ToArray();
                ports.Add((pair[0], pair[1]));
                ports.Add((pair[1], pair[0]));
            }

            lines = peer.Stop();
        });

        // PID COMM LADDR LPORT RADDR RPORT TX_KB RX_KB MS
        (int, int)[] theirs = lines.Where(line => line.Length == 9).Select(line => (PeerTool.Number(line[3]), PeerTool.Number(line[5])))
            .Where(ports.Contains).ToArray();
        ConnectEvent[] ours = recording.Of<ConnectEvent>().Where(one => one.Action == ConnectAction.Close).ToArray();
        Assert.NotEmpty(theirs);
        Assert.Empty(theirs.Except(ours.Select(one => (one.LocalPort, one.RemotePort))));
        Assert.Equal(ports.Order(), ours.Select(one => (one.LocalPort, one.RemotePort)).Order());
        Assert.All(ours, one => Assert.Equal(30720, one.BytesSent + one.BytesReceived));
    }

    /// <summary>
    /// tcpconnect's gaps: it shows that a connect began, not how it ended (a refused one looks like any other), how long it
    /// took, or from which port; nothing of accepts, closes and bytes; no connect that fails before a SYN is sent.
    /// </summary>
    [PeerFact("tcpconnect", NeedsKprobes = true)]
    public void TcpconnectSeesNoConnectThatWeMiss()
    {
        using PeerTool peer = PeerTool.Start("tcpconnect");
        string[][] lines = [];
        List<(int, string, int)> done = [];
        Recording recording = Recorder.Record(Recorder.Options("connect", new ProcessFilter { ProcessNames = ["connecting"] }), () =>
        {
            for (int i = 0; i < Runs; i++)
            {
                string[] how = (i % 3) switch { 0 => ["pair", "4", "1", "1", "client"], 1 => ["pair", "6", "1", "1", "client"], _ => ["refused", "4"] };
                Workload run = Workload.Run("connecting", how);
                done.Add((run.ProcessId, i % 3 == 1 ? "::1" : "127.0.0.1", PeerTool.Number(run.Output.Split(' ')[0])));
            }

            lines = peer.Stop();
        });

        // PID COMM IP SADDR DADDR DPORT
        (int, string, int)[] theirs = lines.Where(line => line.Length == 6 && line[1] == "connecting")
            .Select(line => (PeerTool.Number(line[0]), line[4], PeerTool.Number(line[5]))).ToArray();
        ConnectEvent[] ours = recording.Of<ConnectEvent>().Where(one => one.Action == ConnectAction.Connect).ToArray();
        Assert.Equal(done, ours.Select(one => (one.ProcessId, one.RemoteAddress, one.RemotePort)));
        Assert.Equal(Runs / 3, ours.Count(one => one.ErrorName == "ECONNREFUSED"));
        Assert.InRange(theirs.Length, Runs * 9 / 10, Runs);
        Assert.Empty(theirs.Except(done));
    }

    /// <summary>
    /// syscount's gaps: it counts calls alone, not how their times spread, unless asked (-L), and then sums them; by process or
    /// by call, never both; 32-bit calls under the names of the native table; and it counts the call that was under way
    /// when it started, whose time nobody knows.
    /// </summary>
    [PeerFact("syscount")]
    public void SyscountCountsWhatWeCount()
    {
        using GatedWorkload workload = GatedWorkload.Start("calling", "read", "1000");
        using PeerTool peer = PeerTool.Start("syscount", "-T", "400", "-p", $"{workload.ProcessId}");
        using ProbeSession session = ProbeSession.Start(Recorder.Options("latency", new ProcessFilter { ProcessIds = [workload.ProcessId] }));
        workload.Finish();
        string[][] lines = peer.Stop();

        // SYSCALL COUNT
        Dictionary<string, long> theirs = lines.Where(line => line.Length == 2 && char.IsAsciiDigit(line[1][0]))
            .ToDictionary(line => line[0], line => (long)PeerTool.Number(line[1]));
        Dictionary<string, long> ours = session.Maps.Single(map => map.Name == LatencyProbe.Histogram).Entries(false)
            .ToDictionary(entry => (string)LatencyRun.Label(entry, "Syscall"), entry => Histogram.From(entry.Value)!.Count);
        Assert.Equal(1000, ours["read"]);

        // The read that waited for leave to go on.
        theirs["read"]--;
        Assert.Equal(theirs.OrderBy(one => one.Key), ours.OrderBy(one => one.Key));
    }
}
