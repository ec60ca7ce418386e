using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Messages of bpf_printk, as objects.</summary>
internal sealed class TraceMessages : IDisposable
{
    /// <summary>How long after its end a reader takes from the shared pipe: which of its messages came before, none of them tells.</summary>
    private const long SharedGraceNs = 1_000_000_000;

    /// <summary>The processes of threads, as long as there are messages without a pause.</summary>
    private readonly Dictionary<int, int> _processes = [];

    private readonly TracePipe _pipe;
    private readonly BootClock _clock = new();
    private (TraceLine.Start Start, long BootNs)? _begun;
    private string _rest = "";
    private long _delivered;
    private long _lost;
    private long _end = long.MaxValue;

    /// <summary>Opens the pipe.</summary>
    /// <exception cref="EbpfException">It can't be read.</exception>
    public TraceMessages() => _pipe = TracePipe.Open();

    /// <summary>Whether other readers take messages away.</summary>
    public bool IsShared => _pipe.Instance is null;

    /// <summary>Messages that were handed out.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Messages that found no room in the tracer's buffer.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <inheritdoc cref="TracePipe.Watch"/>
    public void Watch(Waiter waiter) => _pipe.Watch(waiter);

    /// <inheritdoc cref="SessionSource.EndHere"/>
    public void EndHere() => Volatile.Write(ref _end, BootClock.NowNs() + (IsShared ? SharedGraceNs : 0));

    /// <inheritdoc cref="SessionSource.Reopen"/>
    public void Reopen() => Volatile.Write(ref _end, long.MaxValue);

    /// <summary>Whether the message that was begun came after the end. It is the next reader's: a line read now would take its place.</summary>
    private bool IsNextReaders => _begun?.BootNs > Volatile.Read(ref _end);

    /// <summary>Takes the next message; null when none is there now.</summary>
    public TraceMessage? Take()
    {
        while (!IsNextReaders && _pipe.TryNext(out ReadOnlySpan<byte> line))
        {
            if (TraceLine.Read(line) is TraceLine.Start start)
            {
                TraceMessage? before = Finish();

                // The pipe that all readers share has a clock that anybody may choose.
                _begun = (start, IsShared ? BootClock.NowNs() : start.ClockNs);
                if (before is not null)
                {
                    return before;
                }
            }
            else if (TraceLine.Lost(line) is > 0 and long lost)
            {
                Interlocked.Add(ref _lost, lost);
            }
            else if (_begun is not null)
            {
                _rest += "\n" + KernelText.FromBytes(line);
            }
        }

        // A message is written at once: what is there is the whole of it.
        _processes.Clear();
        return Finish();
    }

    public void Dispose() => _pipe.Dispose();

    private TraceMessage? Finish()
    {
        if (_begun is not (TraceLine.Start start, long time) || IsNextReaders)
        {
            return null;
        }

        _clock.Refresh();
        string message = start.Message + _rest;
        _begun = null;
        _rest = "";
        Interlocked.Increment(ref _delivered);
        return new TraceMessage(time + _clock.OffsetNs, start.Cpu, start.Name == "<...>" ? NameOf(start.ThreadId) : start.Name, ProcessOf(start), start.ThreadId, message);
    }

    /// <summary>
    /// What the tracer keeps is the process that the number's thread had when it was last switched to: that may be an older
    /// thread of this number. So the thread itself is asked first, where its numbers are those of this pid namespace.
    /// </summary>
    private int ProcessOf(TraceLine.Start start)
    {
        if (!PidNamespace.IsFirst && start.ProcessId > 0)
        {
            return start.ProcessId;
        }

        if (!_processes.TryGetValue(start.ThreadId, out int process))
        {
            process = ProcessOf(start.ThreadId);
            _processes[start.ThreadId] = process;
        }

        return process > 0 ? process : start.ProcessId;
    }

    private static int ProcessOf(int thread)
    {
        string? line = Lines(thread, "status").FirstOrDefault(text => text.StartsWith("Tgid:", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.AsSpan(5).Trim(), CultureInfo.InvariantCulture);
    }

    private static string NameOf(int thread) => Lines(thread, "comm").FirstOrDefault() ?? "<...>";

    private static string[] Lines(int thread, string file)
    {
        try
        {
            return File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/{file}"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is none of this pid namespace.
            return [];
        }
    }
}
