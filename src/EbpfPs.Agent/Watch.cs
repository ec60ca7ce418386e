using System.Buffers;
using System.Runtime.InteropServices;
using EbpfPs.Events;
using EbpfPs.Probes;
using Microsoft.Win32.SafeHandles;

namespace EbpfPs.Agent;

/// <summary>A session from its start to its report.</summary>
internal sealed class Watch
{
    /// <summary>So much is written at once while events come faster than they can be shown one by one.</summary>
    private const int Chunk = 64 * 1024;

    /// <summary>How often the processes that are watched are looked at.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private readonly IEventFormat _format;
    private readonly long _maxEvents;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Chunk);
    private readonly Stream _output = OpenOutput();
    private long _written;
    private int _signals;
    private Func<bool>? _isOver;
    private long _nextLook;

    public Watch(IEventFormat format, long maxEvents)
    {
        _format = format;
        _maxEvents = maxEvents;
    }

    /// <summary>
    /// Writes events until the time is over, enough were written, a signal says to end, or nobody reads any more.
    /// What the ring still holds is written then; the report goes to the error stream in any case.
    /// </summary>
    /// <exception cref="EbpfException">The kernel refused the session.</exception>
    /// <exception cref="IOException">The output can't be written: a full disk.</exception>
    public void Run(SessionOptions options, TimeSpan duration)
    {
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, stop);
        using ProcessWatch processes = ProcessWatch.Open(options.Filter.ProcessIds);
        if (options.Filter.ProcessIds.Count > 0 && processes.IsEmpty)
        {
            throw new EbpfException(EbpfErrorId.NotFound, "None of the processes that --process-id names is there.");
        }

        using ProbeSession session = ProbeSession.Start(options);
        if (!processes.IsEmpty)
        {
            _isOver = () => processes.AllGone() && (!options.Filter.IncludeChild || session.FamilyIsEmpty());
        }

        try
        {
            using EventReader reader = session.OpenReader();
            using CancellationTokenRegistration wake = stop.Token.Register(reader.Cancel);
            stop.CancelAfter(duration);
            Copy(reader, stop.Token);
        }
        catch (IOException error) when (IsClosedPipe(error))
        {
            // Whoever read has enough, as head(1) has: a good end, told by the report alone.
            return;
        }
        finally
        {
            session.Dispose();
            Program.Tell(_format.Report(session.Loss));
        }
    }

    private void Copy(EventReader reader, CancellationToken stop)
    {
        _format.Begin(_buffer);
        while (!stop.IsCancellationRequested && _written < _maxEvents && !IsOver())
        {
            // Everything that is there goes out before the wait.
            EbpfRecord? one = reader.TryRead();
            if (one is null)
            {
                Flush();
                one = reader.Read(_isOver is null ? Timeout.InfiniteTimeSpan : _look);
            }

            if (one is EbpfEvent made)
            {
                Write(made);
            }
        }

        reader.Detach();
        while (_written < _maxEvents && reader.TryRead() is EbpfEvent one)
        {
            Write(one);
        }

        Flush();
    }

    /// <summary>Whether the processes that are watched have gone; looks ten times a second.</summary>
    private bool IsOver()
    {
        if (_isOver is null || Environment.TickCount64 < _nextLook)
        {
            return false;
        }

        _nextLook = Environment.TickCount64 + (long)_look.TotalMilliseconds;
        return _isOver();
    }

    private void Write(EbpfEvent one)
    {
        _format.Write(one, _buffer);
        _written++;
        if (_buffer.WrittenCount >= Chunk)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _output.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    /// <summary>The first signal ends the watch; the second one does what it does to any process.</summary>
    private PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = Interlocked.Increment(ref _signals) == 1;
            stop.Cancel();
        });

    /// <summary>
    /// Standard output. The console's stream says nothing when a pipe's reader has gone, so a pipe is written as a
    /// file is; a file keeps the console's stream, which writes where the descriptor stands.
    /// </summary>
    private static Stream OpenOutput()
    {
        FileStream file = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return file.CanSeek ? Console.OpenStandardOutput() : file;
    }

    /// <summary>EPIPE or ECONNRESET: the runtime puts the errno into HResult where it has no exception of its own.</summary>
    private static bool IsClosedPipe(IOException error) => error.HResult is 32 or 104;
}
