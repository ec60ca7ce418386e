using EbpfPs.Bpf;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A theory about io_uring: skipped by name where the kernel can't do what it needs.</summary>
public sealed class IoUringTheoryAttribute : TheoryAttribute
{
    private static readonly string? _off = Off();

    private bool _refusals;
    private bool _exact;
    private bool _multishotAccept;

    public IoUringTheoryAttribute() => Skip = _off;

    /// <summary>Whether requests that are refused at once must be seen.</summary>
    public bool Refusals
    {
        get => _refusals;
        set
        {
            _refusals = value;
            Need(!value || IoUringTracepoints.Here.Refusals, "io_uring_req_failed with the request among its arguments: Linux 5.18");
        }
    }

    /// <summary>Whether a completion must tell which request it is of.</summary>
    public bool Exact
    {
        get => _exact;
        set
        {
            _exact = value;
            Need(!value || IoUringTracepoints.Here.Form > IoUringTracepoints.Forms.ByUserData, "io_uring_complete with the request among its arguments: Linux 5.18");
        }
    }

    /// <summary>Whether one request must accept many connections.</summary>
    public bool MultishotAccept
    {
        get => _multishotAccept;
        set
        {
            _multishotAccept = value;
            Need(!value || Environment.OSVersion.Version >= new Version(5, 19), "IORING_ACCEPT_MULTISHOT: Linux 5.19");
        }
    }

    private void Need(bool there, string what)
    {
        if (!there)
        {
            Skip ??= $"needs {what}";
        }
    }

    private static string? Off()
    {
        if (!IoUringTracepoints.Here.HasIoUring)
        {
            return "needs io_uring (CONFIG_IO_URING)";
        }

        const string Switch = "/proc/sys/kernel/io_uring_disabled";
        return File.Exists(Switch) && File.ReadAllText(Switch).Trim() != "0" ? $"needs io_uring, which {Switch} turns off" : null;
    }
}
