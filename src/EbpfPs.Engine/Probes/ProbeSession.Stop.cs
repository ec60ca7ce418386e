using System.Diagnostics;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <content>The end of a session.</content>
public sealed partial class ProbeSession
{
    /// <summary>How long a stop waits for a reader on another thread to let go.</summary>
    private static readonly TimeSpan _readerGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _longestProgram = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Ends the session: no more events, programs out of the kernel. A reader that is open may still drain the ring;
    /// what nobody reads is <see cref="LossReport.Unread"/>.
    /// </summary>
    /// <returns>The final report.</returns>
    /// <exception cref="EbpfException">The session was stopped before.</exception>
    public LossReport Stop()
    {
        lock (_lock)
        {
            if (State == SessionState.Stopped)
            {
                throw new EbpfException(EbpfErrorId.AlreadyStopped, $"Session {Id} ({Name}) was stopped before.", "Get-EbpfProbe lists the sessions that run.", target: Name);
            }

            Detach();
            WaitForReader();
            Release();
            return _final!;
        }
    }

    /// <summary>Ends the session if it runs, and takes everything out of the kernel.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            Detach();
            if (_reader is null)
            {
                Release();
            }
        }
    }

    /// <summary>
    /// Ends the making of events and detaches; what is in the ring can still be read. Does nothing the second time.
    /// </summary>
    internal void Detach()
    {
        lock (_lock)
        {
            if (State == SessionState.Stopped)
            {
                return;
            }

            // The time of events ends here; to detach may take the kernel a second, one grace period a hook.
            _source.Disarm();
            StopTime = DateTime.Now;
            _elapsed.Stop();
            BpfLink.DisposeAll(_source.TakeLinks());

            WaitForPrograms();
            State = SessionState.Stopped;
            _source.Wake();
        }
    }

    /// <summary>
    /// A program may be under way on another CPU. This waits for an RCU grace period (membarrier(2)), and so for all of
    /// them: after it the counters stand still. The kernel refuses that where some CPUs run without ticks (nohz_full): then
    /// they are given the time that a program could take.
    /// </summary>
    private static void WaitForPrograms()
    {
        if (LibC.syscall(LibC.SYS_membarrier, LibC.MEMBARRIER_CMD_GLOBAL, 0) < 0)
        {
            Thread.Sleep(_longestProgram);
        }
    }

    private void WaitForReader()
    {
        // A reader on this thread can't let go as long as we wait for it.
        Stopwatch waited = Stopwatch.StartNew();
        while (_reader is { IsOfThisThread: false } && waited.Elapsed < _readerGrace)
        {
            Monitor.Wait(_lock, TimeSpan.FromMilliseconds(100));
        }
    }

    private void Release()
    {
        if (_released)
        {
            return;
        }

        try
        {
            _final = ReadLoss();
        }
        finally
        {
            // A reader holds on to the ring; its end releases the rest.
            if (_reader is null)
            {
                _released = true;
                _source.Dispose();
            }
        }
    }
}
