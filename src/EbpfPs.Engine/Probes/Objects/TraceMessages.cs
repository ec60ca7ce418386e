using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Messages of bpf_printk, as objects.</summary>
internal sealed class TraceMessages : IDisposable
{
    private readonly TracePipe _pipe;
    private readonly BootClock _clock = new();
    private TraceLine.Start? _begun;
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
    public void EndHere() => _end = BootClock.NowNs();

    /// <inheritdoc cref="SessionSource.Reopen"/>
    public void Reopen() => _end = long.MaxValue;

    /// <summary>Takes the next message; null when none is there now.</summary>
    public TraceMessage? Take()
    {
        while (_pipe.TryNext(out ReadOnlySpan<byte> line))
        {
            if (TraceLine.Read(line) is TraceLine.Start start)
            {
                TraceMessage? before = Finish();
                _begun = start;
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
        return Finish();
    }

    public void Dispose() => _pipe.Dispose();

    private TraceMessage? Finish()
    {
        if (_begun is not TraceLine.Start start)
        {
            return null;
        }

        // The pipe that all readers share has a clock that anybody may choose.
        long time = IsShared ? BootClock.NowNs() : start.ClockNs;
        if (time > _end)
        {
            // It is the next reader's.
            return null;
        }

        _clock.Refresh();
        string message = start.Message + _rest;
        _begun = null;
        _rest = "";
        Interlocked.Increment(ref _delivered);
        int process = start.ProcessId > 0 ? start.ProcessId : ProcessOf(start.ThreadId);
        return new TraceMessage(time + _clock.OffsetNs, start.Cpu, start.Name == "<...>" ? NameOf(start.ThreadId) : start.Name, process, start.ThreadId, message);
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
