using System.Globalization;

namespace EbpfPs.Interop;

/// <summary>What a process can see of itself and of the kernel's policies, to tell why it was refused.</summary>
internal sealed record PrivilegeEvidence
{
    /// <summary>From here on maps count against the memory cgroup and no longer as locked memory (commit 97306be45fbe).</summary>
    private static readonly Version _countsByCgroup = new(5, 11);

    /// <summary>The process's privileges.</summary>
    public required ProcessPrivileges Own { get; init; }

    /// <summary>The errno of a bpf(2) call that the kernel itself refuses with EINVAL: <see cref="SyscallAnswer.Bpf"/>.</summary>
    public int Bpf { get; init; } = LibBpfError.EINVAL;

    /// <summary>The same of perf_event_open(2).</summary>
    public int PerfEventOpen { get; init; } = LibBpfError.EINVAL;

    /// <summary>kernel.perf_event_paranoid; null where it can't be read.</summary>
    public int? PerfEventParanoid { get; init; }

    /// <summary>kernel.unprivileged_bpf_disabled; null where it can't be read.</summary>
    public int? UnprivilegedBpfDisabled { get; init; }

    /// <summary>The lockdown mode; null where it can't be read.</summary>
    public string? Lockdown { get; init; }

    /// <summary>The security modules in force; null where they can't be read.</summary>
    public string[]? Modules { get; init; }

    /// <summary>Bytes of maps that the process may have; null where the kernel counts them otherwise or sets no limit.</summary>
    public long? LockedMemoryLimit { get; init; }

    /// <summary>Looks.</summary>
    public static PrivilegeEvidence Gather() => new()
    {
        Own = ProcessPrivileges.Read(),
        Bpf = SyscallAnswer.Bpf(),
        PerfEventOpen = SyscallAnswer.PerfEventOpen(),
        PerfEventParanoid = KernelSetting.Read("/proc/sys/kernel/perf_event_paranoid"),
        UnprivilegedBpfDisabled = KernelSetting.Read("/proc/sys/kernel/unprivileged_bpf_disabled"),
        Lockdown = SecurityFiles.Lockdown(),
        Modules = SecurityFiles.Modules(),
        LockedMemoryLimit = Environment.OSVersion.Version < _countsByCgroup ? LockedMemory(File.ReadLines("/proc/self/limits")) : null,
    };

    /// <summary>The soft limit on locked memory in the lines of a limits file; null for none.</summary>
    internal static long? LockedMemory(IEnumerable<string> limits)
    {
        // Max locked memory         65536                65536                bytes
        const string Name = "Max locked memory";
        string? line = limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        string soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0] ?? "";
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
    }
}
