using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>What the running kernel lets this process do, as far as sessions must know before they load anything.</summary>
public static class KernelSupport
{
    private const uint TracepointProgram = 5;
    private const uint TaskStorageMap = 29;
    private const uint TaskStorageGet = 156;
    private const uint LoopHelper = 181;
    private const uint TaskBtfHelper = 158;

    private static readonly string[] _tracefs = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
    private static readonly Lazy<bool> _taskStorage = new(ProbeTaskStorage);
    private static readonly Lazy<bool> _taskBtf = new(() => LibBpf.libbpf_probe_bpf_helper(TracepointProgram, TaskBtfHelper, 0) == 1);
    private static readonly Lazy<bool> _loop = new(() => LibBpf.libbpf_probe_bpf_helper(TracepointProgram, LoopHelper, 0) == 1);

    /// <summary>
    /// Whether tracing programs may keep values in task local storage: Linux 5.12
    /// (commit a10787e6d58c, "bpf: Enable task local storage for tracing programs").
    /// </summary>
    public static bool TaskStorage => _taskStorage.Value;

    /// <summary>Whether programs may call bpf_loop(): Linux 5.17.</summary>
    public static bool BpfLoop => _loop.Value;

    /// <summary>Whether programs may have the current task with its type, bpf_get_current_task_btf(): Linux 5.11.</summary>
    internal static bool TaskBtf => _taskBtf.Value;

    /// <summary>Where tracefs is mounted and this user may read it; null otherwise.</summary>
    public static string? Tracefs => Array.Find(_tracefs, folder => File.Exists(Path.Combine(folder, "trace")) && CanList(folder));

    /// <summary>
    /// Whether programs can attach to classic tracepoints: that takes tracefs, for a tracepoint's number, and
    /// perf_event_open(2), which a seccomp filter or kernel.perf_event_paranoid may refuse where bpf(2) is allowed.
    /// </summary>
    public static bool ClassicTracepoints => Tracefs is not null && PerfEvent.IsAllowed();

    /// <summary>Whether <see cref="ClassicTracepoints"/> holds, or will once <see cref="MountTracefs"/> was called.</summary>
    public static bool ClassicTracepointsInReach => (Tracefs is not null || CanMountTracefs) && PerfEvent.IsAllowed();

    /// <summary>
    /// Mounts tracefs where systemd does, if it is not mounted and this process may: a machine without systemd, a
    /// container or a virtual machine's init may have left it out, and the classic tracepoints need it.
    /// </summary>
    /// <returns>Whether it was mounted now.</returns>
    public static bool MountTracefs() =>
        Tracefs is null
        && IsFree(_tracefs[0])
        && LibC.mount("tracefs", _tracefs[0], "tracefs", 0, 0) == 0;

    /// <summary>Whether <see cref="MountTracefs"/> is likely to succeed: nothing is mounted.</summary>
    public static bool CanMountTracefs =>
        Tracefs is null
        && IsFree(_tracefs[0])
        && ProcessPrivileges.Read().HasSysAdmin
        && MountTable.Knows("tracefs")
        && PrivilegeAdvice.ForLockdown() is null;

    /// <summary>
    /// What keeps this process from tracing anything here, as a sentence; null when nothing does. Nothing is loaded
    /// into the kernel.
    /// </summary>
    public static string? Obstacle
    {
        get
        {
            int answer = SyscallAnswer.Bpf();
            if (answer == LibBpfError.ENOSYS)
            {
                return PrivilegeAdvice.ForMissingSyscall().Cause;
            }

            if (answer != LibBpfError.EINVAL || ProcessPrivileges.Read().Lacks(Privileges.Tracing) != Privileges.None)
            {
                return PrivilegeAdvice.Find().Cause;
            }

            if (PrivilegeAdvice.ForLockdown() is PrivilegeAdvice locked)
            {
                return locked.Cause;
            }

            try
            {
                NativeLibraries.Handle();
                return KernelBtf.IsReadable ? null : KernelBtf.Missing;
            }
            catch (EbpfException error) when (error.Id == EbpfErrorId.LibraryMissing)
            {
                return error.Message;
            }
        }
    }

    /// <summary>The folder of a tracepoint in tracefs; null where there is none or this user may not read it.</summary>
    public static string? TracepointFolder(string category, string name) =>
        Tracefs is string tracefs && Path.Combine(tracefs, "events", category, name) is string folder && Directory.Exists(folder)
            ? folder
            : null;

    private static bool IsFree(string mountPoint) =>
        Directory.Exists(mountPoint) && !File.Exists(Path.Combine(mountPoint, "trace"));

    private static bool CanList(string folder)
    {
        try
        {
            return Directory.Exists(Path.Combine(folder, "events", "syscalls"))
                && Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            // Only root may read it, which is what the caller asks.
            return false;
        }
    }

    private static bool ProbeTaskStorage() =>
        LibBpf.libbpf_probe_bpf_map_type(TaskStorageMap, 0) == 1
        && LibBpf.libbpf_probe_bpf_helper(TracepointProgram, TaskStorageGet, 0) == 1;
}
