using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>
/// The one gate from libbpf's and libc's conventions to exceptions: a negative errno, or null with errno set.
/// </summary>
internal static class LibBpfError
{
    private const int LibBpfFirst = 4000;

    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int ENXIO = 6;
    public const int E2BIG = 7;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOSPC = 28;
    public const int ENOSYS = 38;
    public const int EOPNOTSUPP = 95;
    public const int ENOTSUPP = 524;

    /// <summary>Passes a result of 0 or more; a negative one is an errno.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="attempted">What was attempted, to follow "Could not": <c>load 'exec'</c>.</param>
    /// <param name="target">The thing that fails with it.</param>
    /// <param name="needed">The capabilities that the call needs.</param>
    /// <exception cref="EbpfException">The result is negative.</exception>
    public static int Check(int result, string attempted, object? target = null, Privileges needed = Privileges.Tracing) =>
        result >= 0 ? result : throw Create(-result, attempted, target, needed);

    /// <summary>Passes a pointer; null means that errno says why.</summary>
    /// <exception cref="EbpfException">The pointer is null.</exception>
    public static nint Check(nint pointer, string attempted, object? target = null) =>
        pointer != 0 ? pointer : throw Create(Marshal.GetLastPInvokeError(), attempted, target);

    /// <summary>Passes the result of a libc call; -1 means that errno says why.</summary>
    /// <exception cref="EbpfException">The result is -1.</exception>
    public static nint CheckLibC(nint result, string attempted, object? target = null) =>
        result != -1 ? result : throw Create(Marshal.GetLastPInvokeError(), attempted, target);

    /// <summary>An exception for an errno, with what libbpf printed about it on this thread.</summary>
    public static EbpfException Create(int errno, string attempted, object? target = null, Privileges needed = Privileges.Tracing) =>
        Create(errno, attempted, target, LibBpfLog.Take(), needed);

    /// <summary>An exception for an errno, with what libbpf printed about it.</summary>
    public static EbpfException Create(int errno, string attempted, object? target, string printed, Privileges needed = Privileges.Tracing)
    {
        string name = Events.ErrnoNames.NameOf(errno);
        string what = $"Could not {attempted}: {(errno >= LibBpfFirst ? OwnMessage(errno) : $"{Marshal.GetPInvokeErrorMessage(errno)} ({name})")}.";
        switch (errno)
        {
            case EPERM or EACCES:
                return Denied(errno, what, PrivilegeAdvice.Find(errno, needed), target);
            case ENOSYS:
                PrivilegeAdvice missing = PrivilegeAdvice.ForMissingSyscall();
                return new EbpfException(EbpfErrorId.NotSupported, $"{what} {missing.Cause}", missing.Remedy, errno, null, target);
        }

        if (errno == EMFILE)
        {
            what += " " + DescriptorLimit.Cause;
        }

        (EbpfErrorId id, string hint) = errno switch
        {
            ENOMEM => (EbpfErrorId.OutOfResources, "The kernel could not allocate the memory. Try a smaller -BufferSize."),
            EMFILE => (EbpfErrorId.OutOfResources, DescriptorLimit.Hint),
            ENFILE => (EbpfErrorId.OutOfResources, "The whole system has too many open files: sysctl fs.file-nr tells how many, sysctl -w fs.file-max=... allows more."),
            _ => (EbpfErrorId.OperationFailed, "Test-EbpfSupport tells what this kernel and this user can do."),
        };
        string[] lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new EbpfException(id, lines.Length == 0 ? what : $"{what} {lines[0]}", hint, errno, null, target);
    }

    /// <summary>libbpf's own numbers: <c>enum libbpf_errno</c> of libbpf.h.</summary>
    private static string OwnMessage(int errno) => errno switch
    {
        4000 => "libelf can't read it",
        4001 => "its ELF format is invalid",
        4003 => "it is for machines of another byte order",
        4005 => "its relocations can't be resolved",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"libbpf's error {errno}"),
    };

    /// <summary>What libbpf prints of a refusal is left out: it guesses at RLIMIT_MEMLOCK.</summary>
    public static EbpfException Denied(int errno, string what, PrivilegeAdvice advice, object? target, string? log = null) => new(
        EbpfErrorId.PermissionDenied,
        $"{what} {advice.Cause}",
        advice.Remedy,
        errno,
        log,
        target);
}
