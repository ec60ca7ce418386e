using System.Diagnostics;
using System.Globalization;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// What bpf_printk writes, as lines of tracefs's trace_pipe. Since Linux 5.9 a message is also an event
/// (bpf_trace:bpf_trace_printk), so an instance of its own, in which that event is on, has all messages, and takes none
/// from other readers; the instance goes when this is disposed. Where none can be made it is the one pipe that all readers
/// share, and each message comes to one of them.
/// </summary>
internal sealed class TracePipe : IDisposable
{
    private const string Prefix = "ebpfps-";
    private const int PieceSize = 64 * 1024;

    private static int _lastNumber;

    private readonly FileDescriptor _pipe;
    private readonly byte[] _buffer = new byte[2 * PieceSize];
    private int _start;
    private int _end;

    private TracePipe(string? instance, string tracefs)
    {
        Instance = instance;
        string path = Path.Combine(instance ?? tracefs, "trace_pipe");
        _pipe = new FileDescriptor(LibC.open(path, LibC.O_NONBLOCK | LibC.O_CLOEXEC), $"open {path}");
    }

    /// <summary>The folder of the instance; null where the pipe is the shared one.</summary>
    public string? Instance { get; }

    /// <summary>Opens the pipe.</summary>
    /// <exception cref="EbpfException">tracefs is not there, or this user may not read it.</exception>
    public static TracePipe Open()
    {
        KernelSupport.MountTracefs();
        string tracefs = KernelSupport.Tracefs ?? throw new EbpfException(
            EbpfErrorId.NotSupported,
            "What bpf_printk writes can't be read: no tracefs is mounted that this user may read.",
            "As root: mount -t tracefs tracefs /sys/kernel/tracing",
            target: "trace_pipe");
        string? instance = MakeInstance(Path.Combine(tracefs, "instances"));
        try
        {
            return new TracePipe(instance, tracefs);
        }
        catch
        {
            Remove(instance);
            throw;
        }
    }

    /// <summary>Has a waiter wake up when lines come.</summary>
    public void Watch(Waiter waiter) => waiter.Watch(_pipe.Number);

    /// <summary>Takes a line, without its end; its bytes are valid until the next call.</summary>
    /// <returns>False where none is there now.</returns>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            ReadOnlySpan<byte> have = _buffer.AsSpan(_start, _end - _start);
            int length = have.IndexOf((byte)'\n');
            if (length < 0 && have.Length >= PieceSize)
            {
                // Longer than any line of a tracer: it goes out in pieces.
                length = have.Length - 1;
            }

            if (length >= 0)
            {
                line = have[..length];
                _start += length + 1;
                return true;
            }

            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipe.Dispose();
        Remove(Instance);
    }

    private static string? MakeInstance(string folder)
    {
        string name = $"{Prefix}{Owner(Environment.ProcessId)}-{PidNamespace.Inode}-{Interlocked.Increment(ref _lastNumber)}";
        string instance = Path.Combine(folder, name);
        try
        {
            RemoveForgotten(folder);
            Directory.CreateDirectory(instance);
            File.WriteAllText(Path.Combine(instance, "trace_clock"), "boot");
            File.WriteAllText(Path.Combine(instance, "options", "record-tgid"), "1");
            File.WriteAllText(Path.Combine(instance, "events", "bpf_trace", "bpf_trace_printk", "enable"), "1");
            return instance;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Older kernels, and policies that keep instances from being made: the shared pipe is left, which Instance tells.
            Remove(instance);
            return null;
        }
    }

    /// <summary>
    /// Takes away what a process left that was killed. All containers of a machine have one tracefs, each its own pids: what
    /// is of another pid namespace is left alone.
    /// </summary>
    private static void RemoveForgotten(string folder)
    {
        foreach (string instance in Directory.EnumerateDirectories(folder, Prefix + "*"))
        {
            string[] parts = Path.GetFileName(instance)[Prefix.Length..].Split('-');
            if (parts.Length == 4
                && parts[2] == PidNamespace.Inode.ToString(CultureInfo.InvariantCulture)
                && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int process)
                && Owner(process) != $"{parts[0]}-{parts[1]}")
            {
                Remove(instance);
            }
        }
    }

    /// <summary>A process by its pid and the time it started (proc_pid_stat(5), field 22): pids are used again. Empty when there is none.</summary>
    private static string Owner(int process)
    {
        string stat = KernelSetting.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat")) ?? "";

        // The name, in parentheses, may have spaces and parentheses itself.
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 ? string.Create(CultureInfo.InvariantCulture, $"{process}-{fields[19]}") : "";
    }

    private static void Remove(string? instance)
    {
        if (instance is null || !Directory.Exists(instance))
        {
            return;
        }

        try
        {
            Directory.Delete(instance);
        }
        catch (IOException error)
        {
            // Somebody looks into it just now; the next reader of a trace pipe takes it away.
            Debug.WriteLine(error.Message);
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        nint read = LibC.read(_pipe.Number, _buffer.AsSpan(_end), (nuint)(_buffer.Length - _end));
        _end += (int)Math.Max(0, read);
        return read > 0;
    }
}
