using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command about maps: of sessions, or of the whole system.</summary>
public abstract class MapCommand : KernelObjectCommand
{
    /// <summary>The parameter set of sessions.</summary>
    protected const string SessionSet = "Session";

    /// <summary>Maps by name, wildcards allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Parameter(Position = 0, ParameterSetName = SessionSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Maps by the kernel's number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(MapIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The paths that maps are pinned at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string[] Path { get; set; } = [];

    /// <summary>Only maps of these sessions.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>The maps that this record is about. Those that are not there are non-terminating errors.</summary>
    private protected IEnumerable<KernelMap> FindMaps() => ParameterSetName switch
    {
        SessionSet => OfSessions(),
        IdSet => ById(Id),
        PathSet => ByPath(),
        _ => OfSystem(),
    };

    /// <summary>Maps by their numbers; those of this process's sessions as such.</summary>
    private protected IEnumerable<KernelMap> ById(IEnumerable<int> ids)
    {
        SystemListing listing = new();
        Dictionary<int, SessionMap> own = OwnMaps();
        return Find(ids, id => own.GetValueOrDefault(id) ?? (KernelMap)MapCatalog.Find(id, listing));
    }

    private static Dictionary<int, SessionMap> OwnMaps()
    {
        Dictionary<int, SessionMap> own = [];
        foreach (ProbeSession session in SessionRegistry.Running)
        {
            try
            {
                session.Maps.ToList().ForEach(map => own.TryAdd(map.Id, map));
            }
            catch (EbpfException error) when (error.Id == EbpfErrorId.AlreadyStopped)
            {
                // It was stopped just now, by another thread: then it has no maps.
                continue;
            }
        }

        return own;
    }

    private IEnumerable<SystemMap> ByPath()
    {
        SystemListing listing = new();
        return Find(Path.Select(FullPath), path => MapCatalog.Pinned(path, listing));
    }

    private IEnumerable<KernelMap> OfSystem()
    {
        Dictionary<int, SessionMap> own = OwnMaps();
        EbpfException? refused = null;
        KernelMap[] all;
        try
        {
            all = MapCatalog.All().Select(map => own.GetValueOrDefault(map.Id) ?? (KernelMap)map).ToArray();
        }
        catch (EbpfException error) when (error.Id == EbpfErrorId.PermissionDenied && own.Count > 0)
        {
            // What this process made itself it may see.
            all = own.Values.OrderBy(map => map.Id).ToArray<KernelMap>();
            refused = Name.Length == 0 || Array.Exists(Name, WildcardPattern.ContainsWildcardCharacters) ? error : null;
        }

        IEnumerable<KernelMap> found = NameFilter.Select(all, Name, map => map.Name, name => WriteMissing("map", name));
        if (refused is not null)
        {
            WriteError(refused);
        }

        return found;
    }

    private IEnumerable<SessionMap> OfSessions()
    {
        List<SessionMap> all = [];
        bool stopped = false;
        foreach (ProbeSession session in InputObject)
        {
            try
            {
                all.AddRange(session.Maps);
            }
            catch (EbpfException error)
            {
                stopped = true;
                WriteError(error);
            }
        }

        return stopped && all.Count == 0 ? [] : NameFilter.Select(all, Name, map => map.Name, name => WriteError(new EbpfException(
            EbpfErrorId.NotFound,
            $"There is no map '{name}'.",
            $"There are: {string.Join(", ", all.Select(map => map.Name).Distinct())}.",
            target: name)));
    }
}
