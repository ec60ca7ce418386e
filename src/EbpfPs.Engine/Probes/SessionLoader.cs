using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// Loads the objects of a session: chooses how each probe attaches here, sets what the programs are configured
/// with, and makes all of them use one ring, one control block and one set of filter maps.
/// </summary>
internal sealed class SessionLoader
{
    /// <summary>A dozing reader is woken when so much waits, or a quarter of the ring.</summary>
    private const long MostWakeBytes = MiB;

    private const long MiB = 1024 * 1024;

    /// <summary>Maps and types of an object, roughly; and as many for what libbpf tries out.</summary>
    private const int DescriptorsOfAnObject = 14;

    /// <summary>The object that keeps the family of processes for -IncludeChild.</summary>
    private const string Family = "family";

    private static readonly string[] _sharedMaps = ["ring", "control", "pids", "uids", "cgroups", "family"];

    private readonly SessionOptions _options;
    private readonly bool _classicTracepoints;
    private BpfObject? _first;

    public SessionLoader(SessionOptions options)
    {
        _options = options;
        _classicTracepoints = KernelSupport.ClassicTracepoints;
    }

    /// <summary>The objects that were loaded for probes.</summary>
    public List<AttachedProbe> Probes { get; } = [];

    /// <summary>The object behind -IncludeChild, if it was asked for.</summary>
    public BpfObject? FamilyObject { get; private set; }

    /// <summary>
    /// Makes sure that a session's programs, maps and links can be opened. To be called before anything asks the kernel what
    /// it can do, since those answers are kept.
    /// </summary>
    /// <exception cref="EbpfException">The process may not have so many files open.</exception>
    public static void RequireDescriptors(SessionOptions options)
    {
        // A program has one itself, one for its link, and with a classic tracepoint one for the perf event.
        int probes = options.Probes.Sum(spec => DescriptorsOfAnObject
            + (3 * spec.Mechanisms.Max(mechanism => mechanism.Programs.Count))
            + (2 * spec.Tracepoints(options).Count));
        string name = string.Join('+', options.Probes);
        DescriptorLimit.Require(probes + (2 * DescriptorsOfAnObject), $"start '{name}', which opens up to {probes + (2 * DescriptorsOfAnObject)} files", name);
    }

    /// <summary>Loads all, or none.</summary>
    /// <exception cref="EbpfException">An object is missing or was refused.</exception>
    public void Load()
    {
        try
        {
            foreach (ProbeSpec spec in _options.Probes)
            {
                ProbeMechanism mechanism = Choose(spec);
                Probes.Add(new AttachedProbe(spec, mechanism, Load(spec.Name, obj =>
                {
                    obj.LoadOnly(spec.ProgramsHere(mechanism));
                    spec.Configure(obj, _options);
                }), _options));
            }

            FamilyObject = _options.Filter.HasFamily ? Load(Family, _ => { }) : null;
            _options.Filter.Fill(_first!);
        }
        catch
        {
            Unload();
            throw;
        }
    }

    /// <summary>Takes everything out of the kernel.</summary>
    public void Unload()
    {
        FamilyObject?.Dispose();
        foreach (AttachedProbe probe in Probes)
        {
            probe.Object.Dispose();
        }
    }

    /// <summary>Whether the objects of a session have the map of that name in common.</summary>
    public static bool IsShared(string map) => _sharedMaps.Contains(map);

    private BpfObject Load(string name, Action<OpenedBpfObject> configure)
    {
        using OpenedBpfObject opened = OpenedBpfObject.OpenBuiltIn(name);
        foreach (string map in _sharedMaps)
        {
            if (_first is not null)
            {
                opened.ShareMap(map, _first.Map(map));
            }
        }

        if (_first is null)
        {
            opened.SetMaxEntries("ring", (uint)_options.BufferSize);
        }

        opened.SetVariable("wake_bytes", (ulong)Math.Min(MostWakeBytes, _options.BufferSize / 4));
        opened.SetVariable("reader_pidns", PidNamespace.IsFirst ? 0u : PidNamespace.Inode);
        opened.SetVariable("legacy_controller", Cgroups.LegacyController);
        _options.Filter.Configure(opened, ownMaps: _first is null);
        if (opened.HasVariable("use_task_storage"))
        {
            bool taskStorage = KernelSupport.TaskStorage && _options.CallStarts is null;
            opened.SetVariable("use_task_storage", (byte)(taskStorage ? 1 : 0));
            opened.LeaveOutMap(taskStorage ? "start_by_thread" : "start_by_task");
            if (_options.CallStarts is int most)
            {
                opened.SetMaxEntries("start_by_thread", (uint)most);
            }
        }

        configure(opened);
        try
        {
            BpfObject loaded = opened.Load();
            _first ??= loaded;
            return loaded;
        }
        catch (EbpfException error) when (error.Errno == LibBpfError.ENOMEM && _first is null)
        {
            throw OutOfMemory(error);
        }
    }

    /// <summary>The ring is by far the largest that the first object has: a quarter of it may be had.</summary>
    private EbpfException OutOfMemory(EbpfException error)
    {
        long smaller = Math.Max(_options.BufferSize / 4, Environment.SystemPageSize);
        string size = smaller >= MiB ? $"{smaller / MiB}MB" : $"{smaller / 1024}KB";
        return new EbpfException(
            error.Id,
            string.Create(CultureInfo.InvariantCulture, $"{error.Message} It was for a buffer of {_options.BufferSize} bytes."),
            $"The kernel, or this process's memory cgroup, has no room for it: try -BufferSize {size}.",
            error.Errno,
            target: error.Target,
            innerException: error);
    }

    private ProbeMechanism Choose(ProbeSpec spec) =>
        ProbeCatalog.Choose(spec, _options, _classicTracepoints, out string reason)
            ?? throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"Probe '{spec.Name}' can't attach{(_options.Mechanism is null ? "" : $" through '{_options.Mechanism}'")} here: {reason}.",
                "Get-EbpfProbe -ListAvailable shows how it can. Classic tracepoints need tracefs (mount -t tracefs tracefs /sys/kernel/tracing) and perf_event_open(2).",
                target: spec.Name);
}
