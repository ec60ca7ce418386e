using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command about maps: of sessions, or of the whole system.</summary>
public abstract class MapCommand : KernelObjectCommand
{
    /// <summary>The parameter set of programs.</summary>
    protected const string ProgramSet = "Program";

    /// <summary>Names that no record's maps had so far; null before the first record that was chosen from by name.</summary>
    private HashSet<string>? _missing;

    /// <summary>Maps by name, wildcards allowed.</summary>
    public abstract string[] Name { get; set; }

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

    /// <summary>Only maps that these programs use.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ProgramSet)]
    public SystemProgram[] Program { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        foreach (string name in _missing ?? [])
        {
            WriteError(new EbpfException(
                EbpfErrorId.NotFound,
                $"None of these maps is called '{name}'.",
                "Get-EbpfMap lists maps by name; wildcards are allowed.",
                target: name));
        }
    }

    /// <summary>The maps that this record is about. Those that are not there are non-terminating errors.</summary>
    private protected IEnumerable<KernelMap> FindMaps() => ParameterSetName switch
    {
        SessionSet => OfSessions(),
        IdSet => ById(Id),
        PathSet => ByPath(),
        ProgramSet => Choose(ById(Program.SelectMany(program => program.MapId).Distinct())),
        _ => OfSystem(),
    };

    /// <summary>Those maps of a record that have the names; a name that no record's maps have is one error at the end.</summary>
    private protected IEnumerable<KernelMap> Choose(IEnumerable<KernelMap> maps)
    {
        HashSet<string> missing = [];
        IEnumerable<KernelMap> chosen = NameFilter.Select(maps, Name, map => map.Name, name => missing.Add(name));
        _missing ??= missing;
        _missing.IntersectWith(missing);
        return chosen;
    }

    /// <summary>Maps by their numbers; those of this process's sessions as such.</summary>
    private IEnumerable<KernelMap> ById(IEnumerable<int> ids)
    {
        SystemListing listing = new();
        Dictionary<int, SessionMap> own = OwnMaps();
        return Find(ids, id => own.GetValueOrDefault(id) ?? (KernelMap)MapCatalog.Find(id, listing));
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
