using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// Probes, or a user's object, in the kernel, from loading to the final loss report. A session has one reader at a time
/// (<see cref="OpenReader"/>). All members may be called from any thread.
/// </summary>
public sealed partial class ProbeSession : IDisposable
{
    /// <summary>How long a stop waits for a reader on another thread to let go.</summary>
    private static readonly TimeSpan _readerGrace = TimeSpan.FromSeconds(5);

    private static int _lastId;

    private readonly object _lock = new();
    private readonly SessionSource _source;
    private EventReader? _reader;
    private LossReport? _final;
    private bool _released;

    private ProbeSession(SessionSource source)
    {
        _source = source;
        Id = Interlocked.Increment(ref _lastId);
    }

    /// <summary>A number, unique in this process.</summary>
    public int Id { get; }

    /// <summary>The probes' names, joined; or the object's.</summary>
    public string Name => _source.Name;

    /// <summary>Where it is in its life.</summary>
    public SessionState State { get; private set; }

    /// <summary>When it was started, local time; null before.</summary>
    public DateTime? StartTime { get; private set; }

    /// <summary>When it was stopped, local time; null before.</summary>
    public DateTime? StopTime { get; private set; }

    /// <summary>Bytes of its ring; of an object's ring and perf buffers, all together.</summary>
    public long BufferSize => _source.BufferSize;

    /// <summary>What it was asked to trace; null for an object's session.</summary>
    public SessionOptions? Options { get; private init; }

    /// <summary>Its built-in probes, with how they attach.</summary>
    public IReadOnlyList<AttachedProbe> Probes => _source.Probes;

    /// <summary>Its programs, with what they are attached to, or why they are not.</summary>
    public IReadOnlyList<SessionProgram> Programs => _source.Programs;

    /// <summary>Whether it reads messages of bpf_printk from the pipe that all readers share, and take from one another.</summary>
    public bool SharesTracePipe => _source.SharesTracePipe;

    /// <summary>Whether tracefs had to be mounted for it.</summary>
    public bool MountedTracefs { get; private init; }

    /// <summary>Whether somebody holds its reader.</summary>
    public bool HasReader => _reader is not null;

    /// <summary>What was made, delivered and lost until now.</summary>
    public LossReport Loss
    {
        get
        {
            lock (_lock)
            {
                return _final ?? ReadLoss();
            }
        }
    }

    /// <summary>Loads and verifies everything; nothing is attached.</summary>
    /// <param name="options">What to trace.</param>
    /// <returns>The session; disposing it takes everything out of the kernel.</returns>
    /// <exception cref="EbpfException">An option is out of range, or the kernel refused.</exception>
    public static ProbeSession Load(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        SessionLoader.RequireDescriptors(options);
        bool mounted = KernelSupport.MountTracefs();
        return new ProbeSession(CatalogSource.Load(options)) { Options = options, MountedTracefs = mounted };
    }

    /// <summary>Loads, attaches and lets the events come, all probes at one moment.</summary>
    /// <inheritdoc cref="Load(SessionOptions)"/>
    public static ProbeSession Start(SessionOptions options) => Started(Load(options));

    /// <summary>Loads a user's object; nothing is attached. Programs that the kernel refuses are left out.</summary>
    /// <param name="options">The object, and what to make of it.</param>
    /// <returns>The session; disposing it takes everything out of the kernel.</returns>
    /// <exception cref="EbpfException">The object can't be read, an option doesn't go with it, or the kernel accepted nothing of it.</exception>
    public static ProbeSession Load(ObjectSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        bool mounted = KernelSupport.MountTracefs();
        return new ProbeSession(ObjectSource.Load(options)) { MountedTracefs = mounted };
    }

    /// <summary>Loads a user's object and attaches its programs.</summary>
    /// <inheritdoc cref="Load(ObjectSessionOptions)"/>
    public static ProbeSession Start(ObjectSessionOptions options) => Started(Load(options));

    /// <summary>Starts to read what programs of anybody write with bpf_printk.</summary>
    /// <returns>The session.</returns>
    /// <exception cref="EbpfException">There is no trace pipe that this user may read.</exception>
    public static ProbeSession StartTracePipe() => Started(new ProbeSession(new TraceSource()));

    /// <summary>Attaches a loaded session.</summary>
    /// <exception cref="EbpfException">The kernel refused, or the session was started before.</exception>
    public void Start()
    {
        lock (_lock)
        {
            if (State != SessionState.Loaded)
            {
                throw new EbpfException(EbpfErrorId.Busy, $"Session {Id} was started before.", target: Name);
            }

            _source.Attach();
            StartTime = DateTime.Now;
            State = SessionState.Running;
        }
    }

    /// <summary>Takes the session's reader.</summary>
    /// <returns>The reader; disposing it gives it back.</returns>
    /// <exception cref="EbpfException">Somebody holds it, or the session has ended and nothing is left.</exception>
    public EventReader OpenReader()
    {
        lock (_lock)
        {
            if (_released)
            {
                throw new EbpfException(EbpfErrorId.AlreadyStopped, $"Session {Id} ({Name}) was stopped.", "Start another with Start-EbpfProbe.", target: Name);
            }

            if (_reader is not null)
            {
                throw new EbpfException(
                    EbpfErrorId.Busy,
                    $"Another reader holds session {Id} ({Name}).",
                    "A session has one reader at a time: end the other Receive-EbpfEvent or Watch-EbpfTrace, or start a second session.",
                    target: Name);
            }

            _source.Reopen();
            return _reader = new EventReader(this, _source);
        }
    }

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
            BpfLink.DisposeAll(_source.TakeLinks());

            // A program may be under way on another CPU. This waits for an RCU grace period (membarrier(2)), and so
            // for all of them: after it the counters stand still.
            _ = LibC.syscall(LibC.SYS_membarrier, LibC.MEMBARRIER_CMD_GLOBAL, 0);
            State = SessionState.Stopped;
            _source.Wake();
        }
    }

    /// <summary>Takes the reader back.</summary>
    internal void CloseReader(EventReader reader)
    {
        lock (_lock)
        {
            if (_reader == reader)
            {
                _reader = null;
                if (State == SessionState.Stopped)
                {
                    Release();
                }

                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether all processes of an -IncludeChild session have gone.</summary>
    internal bool FamilyIsEmpty() => _source.FamilyIsEmpty;

    private void WaitForReader()
    {
        DateTime end = DateTime.UtcNow + _readerGrace;
        while (_reader is not null && DateTime.UtcNow < end)
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

    private LossReport ReadLoss() =>
        _source.ReadLoss(StartTime is DateTime start ? (StopTime ?? DateTime.Now) - start : TimeSpan.Zero);

    private static ProbeSession Started(ProbeSession session)
    {
        try
        {
            session.Start();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
