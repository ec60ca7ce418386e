using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>What the probes don't see of io_uring, for people to read.</summary>
internal static class IoUringLimitation
{
    private const string MixedUp =
        " Before Linux 5.18 two requests of one io_uring that are under way with the same user_data can be taken for each other.";

    /// <summary>Of opens; empty where the kernel has no io_uring.</summary>
    public static string OfOpens(IoUringTracepoints kernel) => Of(
        kernel,
        "Opens through io_uring are not seen: Linux 5.14 is the first whose tracepoints have their names.",
        "Opens through io_uring are seen, but for those that ask for no completion (IOSQE_CQE_SKIP_SUCCESS)"
            + (kernel.Refusals ? "." : " and those with an empty, a bad or a too long name."));

    /// <summary>Of connects and accepts; empty where the kernel has no io_uring.</summary>
    public static string OfConnects(IoUringTracepoints kernel) => Of(
        kernel,
        "A connect through io_uring is not seen if it fails before the first packet, nor are accepts: Linux 5.14 is the first whose tracepoints tell.",
        "Accepts through io_uring are seen, but for those into direct descriptors"
            + (kernel.Form == IoUringTracepoints.Forms.ByUserData ? " and of connections that are older than the session." : "."));

    private static string Of(IoUringTracepoints kernel, string none, string some) =>
        !kernel.HasIoUring ? ""
        : kernel.Form == IoUringTracepoints.Forms.Unseen ? none
        : kernel.Form == IoUringTracepoints.Forms.ByUserData ? some + MixedUp
        : some;
}
