namespace EbpfPs.Probes;

/// <summary>A mount of a cgroup hierarchy.</summary>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Root">
/// The cgroup that is mounted there, as this process's cgroup namespace sees it: <c>/</c>, unless a container has only its own
/// part (<c>/docker/ID</c>), or a namespace shows what is above it (<c>/..</c>).
/// </param>
internal sealed record CgroupMount(string Point, string Root);

/// <summary>
/// Which cgroup hierarchies this process sees, cgroups(7): v2 alone, v1 alone, or both (hybrid), where v2 has no
/// controllers and container runtimes may leave it out.
/// </summary>
/// <param name="Unified">The mount of cgroup v2; null where there is none.</param>
/// <param name="Controller">A controller whose hierarchy is v1: <c>enum legacy_controller</c> of bpf/include/task.bpf.h; 0 where there is none.</param>
/// <param name="Legacy">That hierarchy's mount.</param>
internal sealed record CgroupMounts(CgroupMount? Unified, uint Controller, CgroupMount? Legacy)
{
    /// <summary>In the order of the enum, the surest first: every runtime uses them, but which ones are mounted varies.</summary>
    private static readonly string[] _controllers = ["memory", "pids", "devices", "freezer", "cpu"];

    /// <summary>Takes them from the lines of a mountinfo file, proc_pid_mountinfo(5).</summary>
    public static CgroupMounts Parse(IEnumerable<string> lines)
    {
        List<(CgroupMount Mount, string Type, string[] Options)> mounts = [];
        foreach (string[] fields in lines.Select(line => line.Split(' ')))
        {
            // 36 35 0:30 ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS
            int hyphen = Array.IndexOf(fields, "-");
            if (hyphen > 0 && fields[hyphen + 1] is "cgroup" or "cgroup2")
            {
                mounts.Add((new CgroupMount(Unescape(fields[4]), Unescape(fields[3])), fields[hyphen + 1], fields[hyphen + 3].Split(',')));
            }
        }

        CgroupMount? unified = Best(mounts.Where(one => one.Type == "cgroup2").Select(one => one.Mount));
        for (uint i = 0; i < _controllers.Length; i++)
        {
            if (Best(mounts.Where(one => one.Type == "cgroup" && one.Options.Contains(_controllers[i])).Select(one => one.Mount)) is CgroupMount legacy)
            {
                return new CgroupMounts(unified, i + 1, legacy);
            }
        }

        return new CgroupMounts(unified, 0, null);
    }

    /// <summary>A mount of the whole hierarchy rather than of a part; of several in one place the last, which hides the others.</summary>
    private static CgroupMount? Best(IEnumerable<CgroupMount> mounts)
    {
        CgroupMount[] visible = mounts.GroupBy(mount => mount.Point).Select(same => same.Last()).ToArray();
        return Array.Find(visible, mount => mount.Root == "/") ?? visible.FirstOrDefault();
    }

    private static string Unescape(string field) => field.Replace("\\040", " ", StringComparison.Ordinal);
}
