using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Whose events are wanted, decided in the kernel (bpf/include/filter.bpf.h). Within one property any value will
/// do; all properties that are set must agree. Nothing set means everybody but this process.
/// </summary>
public sealed class ProcessFilter
{
    private const int MostCgroups = 16;
    private const int MostPids = 65536;

    /// <summary>Processes, as this process's pid namespace numbers them.</summary>
    public IReadOnlyCollection<int> ProcessIds { get; init; } = [];

    /// <summary>Names (comm) or wildcard patterns over them.</summary>
    public IReadOnlyCollection<string> ProcessNames { get; init; } = [];

    /// <summary>Real user ids.</summary>
    public IReadOnlyCollection<uint> UserIds { get; init; } = [];

    /// <summary>Paths in the cgroup v2 hierarchy; everything below them too.</summary>
    public IReadOnlyCollection<string> CgroupPaths { get; init; } = [];

    /// <summary>
    /// Also processes that were forked from one that is in, or ever was, and their children. Means nothing where no
    /// other property keeps anybody out.
    /// </summary>
    public bool IncludeChild { get; init; }

    /// <summary>Also this process itself.</summary>
    public bool IncludeSelf { get; init; }

    /// <summary>Whether a family of processes must be kept.</summary>
    internal bool HasFamily => IncludeChild && (ProcessIds.Count > 0 || ProcessNames.Count > 0 || UserIds.Count > 0 || CgroupPaths.Count > 0);

    /// <summary>Refuses what can't be.</summary>
    /// <exception cref="EbpfException">A value is out of its range.</exception>
    public void Validate()
    {
        if (ProcessIds.Any(pid => pid <= 0))
        {
            throw SessionOptions.Invalid("A process id must be 1 or more.", "Get-Process lists them.", ProcessIds.First(pid => pid <= 0));
        }

        if (CgroupPaths.Count > MostCgroups)
        {
            throw SessionOptions.Invalid($"At most {MostCgroups} cgroups can be named.", "Name one that is above them.", CgroupPaths.Count);
        }

        if (ProcessIds.Count > MostPids)
        {
            throw SessionOptions.Invalid($"At most {MostPids} processes can be named.", "Filter by name, user or cgroup.", ProcessIds.Count);
        }

        _ = NameMatcher.Compile(ProcessNames);
    }

    /// <summary>Sets a program's filter variables and the sizes of the maps behind them.</summary>
    internal void Configure(OpenedBpfObject obj, bool ownMaps)
    {
        obj.SetVariable("self_pid", IncludeSelf ? 0 : (uint)Environment.ProcessId);
        obj.SetVariable("filter_pids", (byte)(ProcessIds.Count > 0 ? 1 : 0));
        obj.SetVariable("filter_uids", (byte)(UserIds.Count > 0 ? 1 : 0));
        obj.SetVariable("filter_cgroups", (uint)CgroupPaths.Count);
        obj.SetVariable("include_children", (byte)(HasFamily ? 1 : 0));
        obj.SetVariable("filter_names", (byte)(ProcessNames.Count > 0 ? 1 : 0));
        NameMatcher.Compile(ProcessNames).Configure(obj);
        if (ownMaps)
        {
            obj.SetMaxEntries("pids", (uint)Math.Max(1, ProcessIds.Count));
            obj.SetMaxEntries("uids", (uint)Math.Max(1, UserIds.Count));
            obj.SetMaxEntries("family", HasFamily ? MostPids : 1u);
        }
    }

    /// <summary>Fills the maps, before anything is attached.</summary>
    internal void Fill(BpfObject obj)
    {
        FillSet(obj.Map("pids"), ProcessIds.Distinct().Select(pid => (uint)pid));
        FillSet(obj.Map("uids"), UserIds.Distinct());
        BpfMap cgroups = obj.Map("cgroups");
        uint index = 0;
        foreach (string path in CgroupPaths)
        {
            using Interop.FileDescriptor cgroup = Cgroups.Open(path);
            cgroups.Update(index++, (uint)cgroup.Number);
        }
    }

    /// <summary>
    /// Puts the processes that are in already, and all below them, into the family, but for this one unless it is
    /// traced too. The programs that keep it are attached by then, so that a child forked meanwhile is not missed.
    /// </summary>
    internal void FillFamily(BpfObject obj)
    {
        BpfMap family = obj.Map("family");
        int[] pids = ProcessTree.Read().FamilyOf(this).Where(pid => IncludeSelf || pid != Environment.ProcessId).ToArray();
        FillSet(family, pids.Select(pid => (uint)pid));

        // The end of a process takes it out. Of one that had ended before it was put in, nobody else would.
        foreach (int pid in pids.Where(ProcessTree.HasEnded))
        {
            family.Delete((uint)pid);
        }
    }

    private static void FillSet(BpfMap map, IEnumerable<uint> keys)
    {
        foreach (uint key in keys)
        {
            map.Update(key, (byte)1);
        }
    }
}
