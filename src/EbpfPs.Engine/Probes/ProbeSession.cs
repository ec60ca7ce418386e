using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// Probes in the kernel that share one ring, from loading to the final loss report. A session has one reader at
/// a time (<see cref="OpenReader"/>). All members may be called from any thread.
/// </summary>
public sealed partial class ProbeSession : IDisposable
{
    /// <summary>How long a stop waits for a reader on another thread to let go.</summary>
    private static readonly TimeSpan _readerGrace = TimeSpan.FromSeconds(5);

    private static int _lastId;

    private readonly object _lock = new();
    private readonly SessionOptions _options;
    private readonly SessionLoader _loader;
    private readonly RingReader _ring;
    private readonly List<BpfLink> _familyLinks = [];
    private readonly EventBatch _batch;
    private EventReader? _reader;
    private LossReport? _final;
    private bool _released;

    private ProbeSession(SessionOptions options, SessionLoader loader)
    {
        _options = options;
        _loader = loader;
        BpfObject first = loader.Probes[0].Object;
        _ring = new RingReader(first.Map("ring"), first.Map("control"));
        _batch = new EventBatch(_ring, loader.Probes);
        Id = Interlocked.Increment(ref _lastId);
    }

    /// <summary>A number, unique in this process.</summary>
    public int Id { get; }

    /// <summary>The probes' names, joined.</summary>
    public string Name => string.Join('+', _options.Probes);

    /// <summary>Where it is in its life.</summary>
    public SessionState State { get; private set; }

    /// <summary>When it was started, local time; null before.</summary>
    public DateTime? StartTime { get; private set; }

    /// <summary>When it was stopped, local time; null before.</summary>
    public DateTime? StopTime { get; private set; }

    /// <summary>Bytes of its ring.</summary>
    public long BufferSize => _options.BufferSize;

    /// <summary>What it was asked to trace.</summary>
    public SessionOptions Options => _options;

    /// <summary>Its probes, with how they attach.</summary>
    public IReadOnlyList<AttachedProbe> Probes => _loader.Probes;

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
        bool mounted = KernelSupport.MountTracefs();
        SessionLoader loader = new(options);
        loader.Load();
        try
        {
            return new ProbeSession(options, loader) { MountedTracefs = mounted };
        }
        catch
        {
            loader.Unload();
            throw;
        }
    }

    /// <summary>Loads, attaches and lets the events come, all probes at one moment.</summary>
    /// <inheritdoc cref="Load"/>
    public static ProbeSession Start(SessionOptions options)
    {
        ProbeSession session = Load(options);
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

            foreach (AttachedProbe probe in _loader.Probes)
            {
                probe.Attach();
            }

            // After the probes: hooks run in the order of their attachment, and a process that ends must still be in
            // the family when its last event is decided on.
            if (_loader.FamilyObject is BpfObject family)
            {
                foreach (BpfProgram program in family.Programs)
                {
                    _familyLinks.Add(program.Attach());
                }

                _options.Filter.FillFamily(family);
            }

            _ring.Armed = true;
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

            return _reader = new EventReader(this, _ring, _batch);
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
            _ring.Armed = false;
            StopTime = DateTime.Now;
            BpfLink.DisposeAll(_loader.Probes.SelectMany(probe => probe.TakeLinks()).Concat(_familyLinks));

            // A program may be under way on another CPU. This waits for an RCU grace period (membarrier(2)), and so
            // for all of them: after it the counters stand still.
            _ = LibC.syscall(LibC.SYS_membarrier, LibC.MEMBARRIER_CMD_GLOBAL, 0);
            State = SessionState.Stopped;
            _ring.Wake();
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
    internal bool FamilyIsEmpty() => _loader.FamilyObject?.Map("family").IsEmpty() ?? false;

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

        _final = ReadLoss();
        if (_reader is not null)
        {
            // It holds on to the ring; its end releases the rest.
            return;
        }

        _released = true;
        _ring.Dispose();
        _loader.Unload();
    }

    private LossReport ReadLoss() => LossReport.Read(
        Name,
        StartTime is DateTime start ? (StopTime ?? DateTime.Now) - start : TimeSpan.Zero,
        _loader.Probes,
        _batch);
}
