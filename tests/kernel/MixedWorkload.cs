using System.Globalization;
using EbpfPs.KernelTests.Host;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// tests/workloads/mixing.c: every kind of event at the machine's full rate, and the workload's own count of each.
/// </summary>
internal sealed class MixedWorkload : IDisposable
{
    /// <summary>The syscall whose calls it counts.</summary>
    public const string Syscall = "getppid";

    /// <summary>The probes that see it.</summary>
    public const string Probes = "exec,exit,open,connect,latency";

    private readonly GatedWorkload _workload;

    /// <summary>Starts it; it waits.</summary>
    /// <param name="arguments">"once", for no load: it has only to be finished.</param>
    public MixedWorkload(params string[] arguments) => _workload = GatedWorkload.Start("mixing", arguments);

    /// <summary>Its first process; the others are its children.</summary>
    public int ProcessId => _workload.ProcessId;

    /// <summary>The host's arguments to trace it with every probe.</summary>
    public string[] Options => [$"pid={ProcessId}", "child=1", $"syscall={Syscall}", "minimum=0"];

    /// <summary>Lets it work from now on.</summary>
    public void Go() => _workload.Go();

    /// <summary>Ends the load; returns once all its processes but the first have ended.</summary>
    public void EndLoad()
    {
        _workload.GoAndRead();
        Assert.Equal("ready", _workload.ReadLine());
    }

    /// <summary>
    /// Makes each kind of event once more on every CPU, when the ring has room: behind these numbers nothing is missing.
    /// </summary>
    /// <returns>How many events it has made in all, by probe.</returns>
    public IReadOnlyDictionary<string, long> Finish()
    {
        string[] words = _workload.Finish().Split(' ');
        return words.Chunk(2).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// For each probe, what was made is what the reader got and what it saw missing in the sequence numbers; and the
    /// session's own report says the same of all together.
    /// </summary>
    public static void AssertAccount(IReadOnlyDictionary<string, long> made, HostProcess host, Action<string> write)
    {
        foreach ((string probe, long count) in made)
        {
            ProbeCount seen = host.Counts[probe];
            write($"{probe}: made {count}, delivered {seen.Events}, found no room {seen.Gaps}");
            Assert.Equal((probe, count), (probe, seen.Events + seen.Gaps));
        }

        long Reported(string name) => host.Loss.GetProperty(name).GetInt64();
        write(host.Loss.ToString());
        Assert.Equal(made.Values.Sum(), Reported("Produced"));
        Assert.Equal(host.Counts.Values.Sum(seen => seen.Events), Reported("Delivered"));
        Assert.Equal(host.Counts.Values.Sum(seen => seen.Gaps), Reported("RingFull"));
        Assert.Equal((0, 0, 0, 0), (Reported("Unread"), Reported("MapFull"), Reported("Undecoded"), Reported("Truncated")));
    }

    public void Dispose() => _workload.Dispose();
}
