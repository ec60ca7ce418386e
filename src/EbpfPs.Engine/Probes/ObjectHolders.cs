using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// Which processes hold which programs, maps and links, from /proc/PID/fd and fdinfo. (An iterator over all files of all
/// tasks would tell the same, but it is a program to be loaded: it needs type information of the kernel and Linux 5.8,
/// and would itself be among what is listed.) Seen are the processes of this pid namespace that this user may look at, by
/// the descriptors of their main threads.
/// </summary>
internal sealed class ObjectHolders
{
    private static readonly (string Target, KernelObjectKind Kind, string Fact)[] _kinds =
    [
        ("bpf_map", KernelObjectKind.Map, "map_id"),
        ("bpf_prog", KernelObjectKind.Program, "prog_id"),
        ("bpf_link", KernelObjectKind.Link, "link_id"),
    ];

    private readonly Dictionary<(KernelObjectKind Kind, int Id), SortedSet<int>> _holders = [];
    private readonly Dictionary<int, string> _names = [];
    private readonly List<(int Process, int Fd)> _events = [];

    /// <summary>Looks at all processes.</summary>
    public ObjectHolders()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process))
            {
                Look(folder, process);
            }
        }
    }

    /// <summary>The processes that hold an object, the lowest number first.</summary>
    public ObjectList<ObjectOwner> Of(KernelObjectKind kind, int id) => _holders.TryGetValue((kind, id), out SortedSet<int>? processes)
        ? new(processes.Select(process => new ObjectOwner(process, _names[process])))
        : new([]);

    /// <summary>The perf events that processes hold.</summary>
    public IEnumerable<(ObjectOwner Owner, int Fd)> PerfEvents =>
        _events.Select(one => (new ObjectOwner(one.Process, _names[one.Process]), one.Fd));

    /// <summary>This process.</summary>
    public static ObjectOwner Self() => new(Environment.ProcessId, NameOf("/proc/self"));

    /// <summary>What a descriptor of a process refers to; null where it is no object of the kernel's, or gone.</summary>
    /// <param name="process">The process's folder below /proc.</param>
    /// <param name="fd">The descriptor.</param>
    internal static (KernelObjectKind Kind, int Id)? Identify(string process, int fd) =>
        Identify(process, fd, TargetOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd/{fd}")));

    private static (KernelObjectKind Kind, int Id)? Identify(string process, int fd, string? target)
    {
        if (target is null || !target.StartsWith("anon_inode:", StringComparison.Ordinal))
        {
            return null;
        }

        // A link is called bpf_link where it was made, and bpf-link where it was opened; some kernels put names into brackets.
        string name = target["anon_inode:".Length..].Trim('[', ']').Replace('-', '_');
        foreach ((string kindName, KernelObjectKind kind, string fact) in _kinds)
        {
            if (name == kindName && DescriptorFacts.Read(process, fd).Number(fact) is > 0 and long id)
            {
                return (kind, (int)id);
            }
        }

        return null;
    }

    private static string? TargetOf(string path) => new FileInfo(path).LinkTarget;

    private static string NameOf(string folder) =>
        KernelText.FromBytes(File.ReadAllBytes(folder + "/comm").AsSpan().TrimEnd("\n"u8));

    private void Look(string folder, int process)
    {
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder + "/fd"))
            {
                int fd = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
                string? target = TargetOf(path);
                if (target == "anon_inode:[perf_event]")
                {
                    _names.TryAdd(process, NameOf(folder));
                    _events.Add((process, fd));
                }
                else if (Identify(Path.GetFileName(folder), fd, target) is (KernelObjectKind, int) found)
                {
                    _names.TryAdd(process, NameOf(folder));
                    if (!_holders.TryGetValue(found, out SortedSet<int>? holders))
                    {
                        _holders[found] = holders = [];
                    }

                    holders.Add(process);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is hidden from this user: it is left out, as the summary says.
            return;
        }
    }
}
