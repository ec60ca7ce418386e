using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// What a session has in the kernel, and where its records come from: probes of the catalogue, or an object that the user
/// brought. The session calls it under its lock, but for taking and waiting, which its one reader does.
/// </summary>
internal abstract class SessionSource : IDisposable
{
    /// <summary>What the session is called.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of the buffer between kernel and reader; of several, of all.</summary>
    public abstract long BufferSize { get; }

    /// <summary>The built-in probes.</summary>
    public virtual IReadOnlyList<AttachedProbe> Probes => [];

    /// <summary>All programs, with what became of them.</summary>
    public abstract IReadOnlyList<SessionProgram> Programs { get; }

    /// <summary>The kernel's numbers of the programs that are loaded, those that serve all probes too.</summary>
    public abstract IReadOnlyList<int> ProgramIds { get; }

    /// <summary>The maps that are pinned when it is started.</summary>
    public virtual IReadOnlyList<PinnedMap> PinnedMaps => [];

    /// <summary>The maps that were given a size.</summary>
    public virtual IReadOnlyList<SizedMap> SizedMaps => [];

    /// <summary>Whether messages of bpf_printk are read, and from the pipe that all readers share.</summary>
    public virtual bool SharesTracePipe => false;

    /// <summary>Whether the processes that an -IncludeChild session follows have all gone.</summary>
    public virtual bool FamilyIsEmpty => false;

    /// <summary>Attaches the programs and lets the records come.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public abstract void Attach();

    /// <summary>Ends the making of records at this moment, where that can be done before the programs are detached.</summary>
    public virtual void Disarm()
    {
    }

    /// <summary>Hands over the links, to be disposed.</summary>
    public abstract IReadOnlyList<BpfLink> TakeLinks();

    /// <summary>Takes the next record; null when none is there now.</summary>
    public abstract EbpfRecord? Take();

    /// <summary>From now until <see cref="Reopen"/> what comes after this moment is not taken.</summary>
    public abstract void EndHere();

    /// <summary>A new reader takes whatever comes.</summary>
    public abstract void Reopen();

    /// <summary>Waits for records after none were found.</summary>
    /// <param name="hadRecords">Whether any were found since the last wait.</param>
    /// <param name="milliseconds">The longest wait.</param>
    public abstract void Wait(bool hadRecords, int milliseconds);

    /// <summary>Ends a wait from any thread, now or the next one.</summary>
    public abstract void Wake();

    /// <summary>The account up to now.</summary>
    public abstract LossReport ReadLoss(TimeSpan elapsed);

    /// <summary>The maps.</summary>
    public abstract IReadOnlyList<SessionMap> Maps(ProbeSession session);

    /// <summary>Takes everything out of the kernel. Called once, after the links have gone.</summary>
    public abstract void Dispose();
}
