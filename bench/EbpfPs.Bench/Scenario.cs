namespace EbpfPs.Bench;

/// <summary>A load, and who traces it.</summary>
/// <param name="Probe">The EbpfPs probe it is for.</param>
/// <param name="Title">What the load does.</param>
/// <param name="Load">The load generator.</param>
/// <param name="Count">Operations of a run.</param>
/// <param name="Tracers">The tracers, nobody first.</param>
internal sealed record Scenario(string Probe, string Title, string Load, long Count, IReadOnlyList<Tracer> Tracers)
{
    /// <summary>All that are wanted.</summary>
    public static IEnumerable<Scenario> All(Options options)
    {
        Peers peers = new(options);
        Own own = new(options);
        Tracer nobody = new() { Name = "untraced" };
        List<Scenario> all =
        [
            new("open", "open and close of a file that is there", "load-opens", options.Operations(300_000),
            [
                nobody, .. own.Tracers("open", "load-opens"), .. peers.Bpftrace("open.bt", "load-opens"),
                Peers.LibbpfTool("opensnoop", "load-opens", 1), Peers.BccTool("opensnoop", "load-opens", 1),
            ]),
            new("exec", "posix_spawn of a small static program, and wait for its end", "load-execs", options.Operations(2_000),
            [
                nobody, .. own.Tracers("exec", "load-noop"), .. peers.Bpftrace("exec.bt", "load-noop"),
                Peers.LibbpfTool("execsnoop", "load-noop", 1), Peers.BccTool("execsnoop", "load-noop", 1),
            ]),
            new("connect", "TCP connect on loopback, accept, reset by the client, close by the server", "load-connects", options.Operations(20_000),
            [
                nobody, .. own.Tracers("connect", "load-connects", 4), .. peers.Bpftrace("connect.bt", "127.0.0.1", 4),
                Peers.LibbpfTool("tcplife", "load-connects", 2), Peers.BccTool("tcplife", "load-connects", 2),
                Peers.LibbpfTool("tcpconnect", "load-connects", 1),
            ]),
            new("latency", "read of one byte from /dev/zero, into a histogram (syscount: of all syscalls)", "load-reads", options.Operations(2_000_000),
            [
                nobody, .. own.Histograms("read"), .. peers.Bpftrace("latency.bt", ""),
                Peers.LibbpfTool("syscount", "", 0, "-L"), Peers.BccTool("syscount", "", 0, "-L", "--syscall", "read"),
            ]),
        ];
        return all.Where(one => options.Wants(one.Probe));
    }
}
