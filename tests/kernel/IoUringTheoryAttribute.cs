using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A theory about io_uring: skipped by name where the kernel can't do what it needs.</summary>
public sealed class IoUringTheoryAttribute : TheoryAttribute
{
    private const string Switch = "/proc/sys/kernel/io_uring_disabled";

    private static readonly string? _off = Off();

    private bool _refusals;
    private bool _exact;
    private bool _multishotAccept;

    public IoUringTheoryAttribute() => Skip = _off;

    /// <summary>Whether requests that are refused at once must be seen.</summary>
    public bool Refusals
    {
        get => _refusals;
        set => Need(_refusals = value, "5.18", "io_uring_req_failed with the request among its arguments");
    }

    /// <summary>Whether a completion must tell which request it is of.</summary>
    public bool Exact
    {
        get => _exact;
        set => Need(_exact = value, "5.18", "io_uring_complete with the request among its arguments");
    }

    /// <summary>Whether one request must accept many connections.</summary>
    public bool MultishotAccept
    {
        get => _multishotAccept;
        set => Need(_multishotAccept = value, "5.19", "IORING_ACCEPT_MULTISHOT");
    }

    private void Need(bool needed, string first, string what)
    {
        if (needed)
        {
            Skip ??= KernelNeeds.Since(first, what);
        }
    }

    private static string? Off()
    {
        Version here = Environment.OSVersion.Version;

        // 5.10.162 took io_uring from 5.15; 5.11 to 5.13 had ended by then.
        bool tells = here.Major == 5 && here.Minor == 10;
        return KernelNeeds.Options("CONFIG_IO_URING")
            ?? (tells ? null : KernelNeeds.Since("5.14", "io_uring's tracepoints with the request among their arguments"))
            ?? (File.Exists(Switch) && File.ReadAllText(Switch).Trim() != "0" ? $"needs io_uring, which {Switch} turns off" : null);
    }
}
