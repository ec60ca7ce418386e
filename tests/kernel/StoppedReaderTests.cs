using EbpfPs.KernelTests.Host;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>A reader that is stopped with SIGSTOP while events come as fast as they can, and goes on later.</summary>
public sealed class StoppedReaderTests(ITestOutputHelper output) : KernelTest
{
    private static readonly TimeSpan _stopped = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("Load", "heavy")]
    public void WhatItMissedIsReportedExactlyAndTheStreamGoesOn()
    {
        using MixedWorkload workload = new();
        using HostProcess host = HostProcess.Start([], ["count", MixedWorkload.Probes, .. workload.Options, "buffer=1048576"]);
        workload.Go();
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Dictionary<string, ProbeCount> before = host.Ask();

        host.Signal("STOP");
        Thread.Sleep(_stopped);
        host.Signal("CONT");
        DateTime goesOn = DateTime.UtcNow;
        Thread.Sleep(TimeSpan.FromSeconds(2));
        Dictionary<string, ProbeCount> after = host.Ask();

        workload.EndLoad();
        host.WaitUntilIdle();
        IReadOnlyDictionary<string, long> made = workload.Finish();
        host.Stop();

        MixedWorkload.AssertAccount(made, host, output.WriteLine);
        long goesOnNs = (goesOn - DateTime.UnixEpoch).Ticks * 100;
        foreach (string probe in made.Keys)
        {
            Assert.True(after[probe].LastTimestampNs > goesOnNs, $"{probe}: nothing came after it went on");
            Assert.True(after[probe].Events > before[probe].Events, probe);
        }

        // In ten seconds far more is made than a ring of 1 MiB holds.
        Assert.InRange(host.Loss.GetProperty("RingFull").GetInt64(), 10_000, made.Values.Sum());
    }
}
