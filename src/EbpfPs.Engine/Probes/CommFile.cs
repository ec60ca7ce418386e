namespace EbpfPs.Probes;

/// <summary>
/// The names in <c>/proc/PID/comm</c>. For kernel threads the file has more than the task's comm, which filters compare: a
/// worker's work behind a <c>-</c> or <c>+</c>, and a long thread's whole name (proc_task_name in fs/proc/array.c).
/// </summary>
internal static class CommFile
{
    /// <summary>What the kernel keeps of a name, in bytes.</summary>
    private const int LongestName = 15;

    /// <summary>Where a worker's number begins; <c>kworker/R-</c> is the beginning of a rescuer's own name.</summary>
    private const int WorkerPrefix = 10;

    /// <summary>The task's comm, out of the file's bytes.</summary>
    public static ReadOnlySpan<byte> Comm(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> name = file.EndsWith("\n"u8) ? file[..^1] : file;
        if (name.StartsWith("kworker/"u8) && name.Length > WorkerPrefix)
        {
            int work = name[WorkerPrefix..].IndexOfAny((byte)'-', (byte)'+');
            name = work < 0 ? name : name[..(WorkerPrefix + work)];
        }

        return name.Length > LongestName ? name[..LongestName] : name;
    }
}
