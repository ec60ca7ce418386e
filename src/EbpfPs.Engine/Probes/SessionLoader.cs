using System.Globalization;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Loads the objects of a session: chooses how each probe attaches here, sets what the programs are configured
/// with, and makes all of them use one ring, one control block and one set of filter maps.
/// </summary>
internal sealed class SessionLoader
{
    /// <summary>Inode number of the initial pid namespace: PROC_PID_INIT_INO of include/linux/proc_ns.h.</summary>
    private const uint InitialPidNamespace = 0xEFFFFFFC;

    /// <summary>A dozing reader is woken when so much waits, or a quarter of the ring.</summary>
    private const long MostWakeBytes = 1024 * 1024;

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

    private static uint ReaderPidNamespace()
    {
        // "pid:[4026531836]"
        string link = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
        uint inode = uint.Parse(link.AsSpan(5, link.Length - 6), CultureInfo.InvariantCulture);
        return inode == InitialPidNamespace ? 0 : inode;
    }

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
        opened.SetVariable("reader_pidns", ReaderPidNamespace());
        opened.SetVariable("legacy_controller", Cgroups.LegacyController);
        _options.Filter.Configure(opened, ownMaps: _first is null);
        if (opened.HasVariable("use_task_storage"))
        {
            opened.SetVariable("use_task_storage", (byte)(KernelSupport.TaskStorage ? 1 : 0));
            opened.LeaveOutMap(KernelSupport.TaskStorage ? "start_by_thread" : "start_by_task");
        }

        configure(opened);
        BpfObject loaded = opened.Load();
        _first ??= loaded;
        return loaded;
    }

    private ProbeMechanism Choose(ProbeSpec spec) =>
        ProbeCatalog.Choose(spec, _options, _classicTracepoints, out string reason)
            ?? throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"Probe '{spec.Name}' can't attach{(_options.Mechanism is null ? "" : $" through '{_options.Mechanism}'")} here: {reason}.",
                "Get-EbpfProbe -ListAvailable shows how it can. Classic tracepoints need tracefs (mount -t tracefs tracefs /sys/kernel/tracing) and perf_event_open(2).",
                target: spec.Name);
}
