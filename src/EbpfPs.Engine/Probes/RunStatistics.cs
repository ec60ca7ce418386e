using System.Diagnostics;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>How often a program ran during an interval, and for how long.</summary>
/// <param name="Id">The program's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is for.</param>
/// <param name="RunCount">How often it ran.</param>
/// <param name="RunTimeNs">How long in all, in nanoseconds, on all CPUs.</param>
/// <param name="Elapsed">The interval.</param>
public sealed record ProgramStatistics(int Id, string Name, BpfProgramType Type, long RunCount, long RunTimeNs, TimeSpan Elapsed)
{
    /// <summary>How long it ran in all, to 100 ns.</summary>
    public TimeSpan RunTime => TimeSpan.FromTicks(RunTimeNs / TimeSpan.NanosecondsPerTick);

    /// <summary>How long a run took on average, in nanoseconds; 0 where there was none.</summary>
    public long MeanNs => RunCount == 0 ? 0 : (long)Math.Round((double)RunTimeNs / RunCount);

    /// <summary>Runs in a second.</summary>
    public double RunsPerSecond => RunCount / Elapsed.TotalSeconds;

    /// <summary>The share of one CPU's time that it took, in percent.</summary>
    public double CpuPercent => RunTimeNs / (Elapsed.TotalSeconds * 1e7);
}

/// <summary>
/// Switches the kernel's statistics of programs on: by BPF_ENABLE_STATS, which holds them on as long as its descriptor is
/// open, and before Linux 5.8 by kernel.bpf_stats_enabled, which is set back. Disposing it switches them off again, unless
/// somebody else has them on.
/// </summary>
public sealed class RunStatistics : IDisposable
{
    private const int RunTime = 0;
    private const string Setting = "/proc/sys/kernel/bpf_stats_enabled";

    private readonly FileDescriptor? _descriptor;
    private readonly string? _before;

    /// <summary>Switches them on.</summary>
    /// <exception cref="EbpfException">The kernel refused: it takes CAP_SYS_ADMIN.</exception>
    public RunStatistics()
    {
        int result = LibBpf.bpf_enable_stats(RunTime);
        if (result == -LibBpfError.EINVAL && KernelSetting.ReadText(Setting) is string before)
        {
            _before = before;
            Set("1");
            return;
        }

        _descriptor = new FileDescriptor(LibBpfError.Check(result, "switch on the kernel's statistics of programs", needed: Privileges.SysAdmin), "");
    }

    /// <summary>Measures programs for a while. Statistics must be on.</summary>
    /// <param name="programs">The programs; those that leave the kernel meanwhile are left out.</param>
    /// <param name="wait">Waits for the interval.</param>
    public static IReadOnlyList<ProgramStatistics> Measure(IEnumerable<SystemProgram> programs, Action wait)
    {
        ArgumentNullException.ThrowIfNull(programs);
        ArgumentNullException.ThrowIfNull(wait);
        List<(SystemProgram Program, long Count, long Time, long At)> first = [];
        foreach (SystemProgram program in programs)
        {
            if (Read(program.Id) is (long count, long time))
            {
                first.Add((program, count, time, Stopwatch.GetTimestamp()));
            }
        }

        wait();
        List<ProgramStatistics> measured = [];
        foreach ((SystemProgram program, long count, long time, long at) in first)
        {
            if (Read(program.Id) is (long countNow, long timeNow))
            {
                measured.Add(new ProgramStatistics(program.Id, program.Name, program.Type, countNow - count, timeNow - time, Stopwatch.GetElapsedTime(at)));
            }
        }

        return measured;
    }

    /// <summary>Switches them off.</summary>
    public void Dispose()
    {
        _descriptor?.Dispose();
        if (_before is not null)
        {
            Set(_before);
        }
    }

    private static (long Count, long Time)? Read(int id)
    {
        using FileDescriptor? program = KernelObjects.TryOpen(KernelObjectKind.Program, id);
        if (program is null)
        {
            return null;
        }

        LibBpf.ProgramInfo info = ObjectInfo.Program(program.Number, $"program {id}", out _);
        return ((long)info.RunCount, (long)info.RunTimeNs);
    }

    private static void Set(string value)
    {
        try
        {
            File.WriteAllText(Setting, value);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            PrivilegeAdvice advice = PrivilegeAdvice.Find(needed: Privileges.SysAdmin);
            throw new EbpfException(EbpfErrorId.PermissionDenied, $"Could not write {Setting}. {advice.Cause}", advice.Remedy, target: Setting, innerException: error);
        }
    }
}
