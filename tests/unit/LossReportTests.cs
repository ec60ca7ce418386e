using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class LossReportTests
{
    [Fact]
    public void WhatIsNeitherDeliveredNorLostIsUnread()
    {
        LossReport report = new() { Name = "exec", Produced = 1_000_000, Delivered = 900_000, RingFull = 99_990 };

        Assert.Equal(10, report.Unread);
        Assert.Equal(report.Produced, report.Delivered + report.RingFull + report.Unread);
    }

    [Fact]
    public void EveryKindOfLossIsInTheSum()
    {
        LossReport report = new() { Name = "exec", RingFull = 1, MapFull = 20, Missed = 300, Undecoded = 4000, Truncated = 50_000 };

        Assert.Equal(4321, report.Lost);
    }

    [Fact]
    public void AKernelThatDoesNotCountMissesAddsNone()
    {
        LossReport report = new() { Name = "exec", RingFull = 1, Missed = null };

        Assert.Equal(1, report.Lost);
        Assert.Null(report.Missed);
    }
}
