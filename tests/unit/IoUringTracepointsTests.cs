using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>The form of io_uring's tracepoints, told from the numbers of arguments that each kernel's BTF has.</summary>
public sealed class IoUringTracepointsTests
{
    [Theory]
    [InlineData("5.10 as it was released", null, 5, 3, null, "Unseen", false, "", false)]
    [InlineData("5.10.162 and later, 5.14", null, 7, 4, null, "ByUserData", true, "submit_sqe", false)]
    [InlineData("5.15", null, 7, 4, 2, "ByUserData", true, "submit_sqe", false)]
    [InlineData("5.18", null, 7, 5, 4, "ByRequest", true, "submit_sqe", true)]
    [InlineData("5.19", null, 7, 7, 4, "ByRequest", true, "submit_sqe", true)]
    [InlineData("6.1", null, 2, 7, 3, "ByRequest", false, "submit_sqe", true)]
    [InlineData("6.12", 1, null, 7, 3, "ByRequest", false, "submit_req", true)]
    [InlineData("6.18", 1, null, 3, 3, "ByEntry", false, "submit_req", true)]
    [InlineData("a kernel to come", 1, null, 9, 3, "Unseen", false, "", false)]
    [InlineData("a kernel without io_uring", null, null, null, null, "Unseen", false, "", false)]
    public void TheFormOfEachKernel(
        string kernel, int? submitReq, int? submitSqe, int? complete, int? failed, string form, bool ringFirst, string submission, bool refusals)
    {
        IoUringTracepoints seen = IoUringTracepoints.From(true, submitReq, submitSqe, complete, failed);

        Assert.Equal((kernel, form, ringFirst, submission, refusals), (kernel, seen.Form.ToString(), seen.RingFirst, seen.Submission, seen.Refusals));
        string[] programs = form == "Unseen" ? [] : refusals ? [$"uring_{submission}", "uring_complete", "uring_failed"] : [$"uring_{submission}", "uring_complete"];
        Assert.Equal(programs, seen.Programs(refusals: true));
        Assert.Equal(programs.Take(2), seen.Programs(refusals: false));
    }

    [Fact]
    public void WhatIsNotSeenIsSaid()
    {
        IoUringTracepoints without = IoUringTracepoints.From(false, null, null, null, null);
        IoUringTracepoints first = IoUringTracepoints.From(true, null, 5, 3, null);
        IoUringTracepoints older = IoUringTracepoints.From(true, null, 7, 4, 2);
        IoUringTracepoints newest = IoUringTracepoints.From(true, 1, null, 3, 3);

        Assert.Equal(("", ""), (IoUringLimitation.OfOpens(without), IoUringLimitation.OfConnects(without)));
        Assert.StartsWith("Opens through io_uring are not seen: Linux 5.14", IoUringLimitation.OfOpens(first), StringComparison.Ordinal);
        Assert.StartsWith("A connect through io_uring is not seen if", IoUringLimitation.OfConnects(first), StringComparison.Ordinal);
        foreach (string limitation in new[] { IoUringLimitation.OfOpens(older), IoUringLimitation.OfConnects(older) })
        {
            Assert.Contains("same user_data", limitation, StringComparison.Ordinal);
        }

        Assert.Contains("too long name", IoUringLimitation.OfOpens(older), StringComparison.Ordinal);
        Assert.DoesNotContain("too long name", IoUringLimitation.OfOpens(newest), StringComparison.Ordinal);
        Assert.Contains("IOSQE_CQE_SKIP_SUCCESS", IoUringLimitation.OfOpens(newest), StringComparison.Ordinal);
        Assert.Contains("direct descriptors", IoUringLimitation.OfConnects(newest), StringComparison.Ordinal);
    }
}
