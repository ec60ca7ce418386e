using System.Diagnostics;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// Probes, or a user's object, in the kernel, from loading to the final loss report. A session has one reader at a time
/// (<see cref="OpenReader"/>). All members may be called from any thread.
/// </summary>
public sealed partial class ProbeSession : IDisposable
{
    private static int _lastId;

    private readonly object _lock = new();
    private readonly SessionSource _source;

    /// <summary>Not a difference of times of day, which are set back and forth.</summary>
    private readonly Stopwatch _elapsed = new();
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

    /// <summary>Maps that its object wants pinned: they are when it is started, and stay when it ends.</summary>
    public IReadOnlyList<PinnedMap> PinnedMaps => _source.PinnedMaps;

    /// <summary>Maps whose size its object leaves open, with what they were given.</summary>
    public IReadOnlyList<SizedMap> SizedMaps => _source.SizedMaps;

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
            _elapsed.Start();
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

    private LossReport ReadLoss() => _source.ReadLoss(_elapsed.Elapsed);

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
