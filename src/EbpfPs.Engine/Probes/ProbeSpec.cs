using System.Runtime.InteropServices;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>One way in which a probe can attach.</summary>
/// <param name="Name">What it is called: <c>tracepoint</c>, <c>raw tracepoint</c>.</param>
/// <param name="Programs">The programs of the probe's object that it needs.</param>
/// <param name="NeedsTracefs">Whether attaching reads tracefs, which root alone may.</param>
/// <param name="Limitation">What it doesn't see, for people to read; empty when nothing.</param>
public sealed record ProbeMechanism(string Name, IReadOnlyList<string> Programs, bool NeedsTracefs, string Limitation);

/// <summary>A tracepoint that a program of section <c>tracepoint</c>, which names none itself, is attached to.</summary>
/// <param name="Program">The program.</param>
/// <param name="Category">The tracepoint's folder below tracefs's events: <c>syscalls</c>.</param>
/// <param name="Name">Its name: <c>sys_enter_read</c>.</param>
public sealed record TracepointHook(string Program, string Category, string Name)
{
    /// <summary>The hook as a program's section would name it.</summary>
    public override string ToString() => $"tracepoint/{Category}/{Name}";
}

/// <summary>
/// A built-in probe: what it is called, the eBPF object behind it and how its records become events. The same on
/// every machine; what depends on the running kernel happens in <see cref="ProbeSession"/>.
/// </summary>
public abstract class ProbeSpec
{
    /// <summary>The name at the prompt, and the stem of the probe's files.</summary>
    public abstract string Name { get; }

    /// <summary>What it shows, in one sentence.</summary>
    public abstract string Description { get; }

    /// <summary>The kind in its records' headers.</summary>
    public abstract EventKind Kind { get; }

    /// <summary>The type of its events.</summary>
    public abstract Type EventType { get; }

    /// <summary>How it can attach, the best first.</summary>
    public abstract IReadOnlyList<ProbeMechanism> Mechanisms { get; }

    /// <summary>How many of its programs make records, each with its own counters.</summary>
    public abstract int Streams { get; }

    /// <summary>The options, by their parameters' names, that mean something to this probe and not to every other.</summary>
    public virtual IReadOnlyList<string> OwnOptions => [];

    /// <summary>Decodes one record.</summary>
    /// <exception cref="EbpfException">The record is not one of this probe's.</exception>
    public abstract EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context);

    /// <summary>Refuses options that the probe can't follow.</summary>
    /// <exception cref="EbpfException">One is out of its range.</exception>
    public virtual void Validate(SessionOptions options)
    {
    }

    /// <summary>Why a mechanism can't do what the options ask for; empty where it can.</summary>
    public virtual string WhyNot(ProbeMechanism mechanism, SessionOptions options) => "";

    /// <summary>The programs of a mechanism, in the form that the running kernel takes.</summary>
    public virtual IReadOnlyList<string> ProgramsHere(ProbeMechanism mechanism) => mechanism.Programs;

    /// <summary>What a mechanism doesn't see on the running kernel, for people to read; empty when nothing.</summary>
    public virtual string LimitationHere(ProbeMechanism mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return mechanism.Limitation;
    }

    /// <summary>What programs of section <c>tracepoint</c> are attached to.</summary>
    public virtual IReadOnlyList<TracepointHook> Tracepoints(SessionOptions options) => [];

    /// <summary>Sets the probe's own variables before its object is loaded.</summary>
    public virtual void Configure(OpenedBpfObject obj, SessionOptions options)
    {
    }

    /// <summary>What a key of one of the probe's maps means, by name, where the key itself has only numbers.</summary>
    /// <param name="map">The map's name.</param>
    /// <param name="key">The decoded key.</param>
    public virtual IReadOnlyList<KeyValuePair<string, object>> LabelsOf(string map, object key) => [];

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The programs of syscalls that this architecture's table has: arm64 came without open and creat.</summary>
    private protected static string[] SyscallPrograms(params string[] syscalls) =>
        syscalls
            .Where(name => RuntimeInformation.ProcessArchitecture == Architecture.X64 || name is not ("open" or "creat"))
            .SelectMany(name => new[] { $"enter_{name}", $"exit_{name}" })
            .ToArray();
}
