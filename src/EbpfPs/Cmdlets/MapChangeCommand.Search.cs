using System.Globalization;
using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>Which map is meant.</content>
public abstract partial class MapChangeCommand
{
    private readonly Dictionary<string, KernelMap?> _found = [];

    /// <summary>The map's name; of a session from the pipeline, of the map of that session.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Alias("Map")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>A map, a session whose map is named, or an entry, which knows its map.</summary>
    /// <remarks>One parameter for all three: PowerShell settles on a set of parameters before it has seen what the pipeline brings.</remarks>
    [Parameter(ValueFromPipeline = true, ParameterSetName = NameSet)]
    public PSObject? InputObject { get; set; }

    /// <summary>The map's number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(MapIdCompleter))]
    public int Id { get; set; }

    /// <summary>The path that the map is pinned at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string Path { get; set; } = "";

    /// <summary>The map that this record is about; null where that was an error, which is written.</summary>
    private KernelMap? FindMap() => ParameterSetName switch
    {
        IdSet => Remembered(string.Create(CultureInfo.InvariantCulture, $"{Id}"), _ => ById(Id)),
        PathSet => Remembered(FullPath(Path), path => MapCatalog.Pinned(path, new SystemListing(whole: false))),
        _ => InputObject?.BaseObject switch
        {
            KernelMap map => Name.Length == 0 || Named(map, Name) ? map : throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"The pipeline brings map '{map.Name}', and '{Name}' names another one.",
                "Give the key by -Key and the value by -Value.",
                target: Name),
            ProbeSession session => Find<ProbeSession, KernelMap>([session], OfSession).FirstOrDefault(),
            _ when Name.Length > 0 => Remembered(Name, OfSystem),
            _ => OfEntry(),
        },
    };

    private KernelMap? Remembered(string wanted, Func<string, KernelMap> find)
    {
        if (!_found.TryGetValue(wanted, out KernelMap? map))
        {
            map = Find([wanted], find).FirstOrDefault();
            _found[wanted] = map;
        }

        return map;
    }

    /// <summary>The very map that an entry was read from; by its name where the entry doesn't know the number.</summary>
    private KernelMap? OfEntry()
    {
        string name = $"{InputObject?.Properties["Map"]?.Value}";
        if (name.Length == 0)
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                "No map was named.",
                "Name one, or pipe a map of Get-EbpfMap, a session, or entries of Get-EbpfMapEntry.",
                target: MyInvocation.MyCommand.Name);
        }

        int id = LanguagePrimitives.TryConvertTo(InputObject?.Properties["MapId"]?.Value, CultureInfo.InvariantCulture, out int known) ? known : 0;
        return id == 0 ? Remembered(name, OfSystem) : Remembered(string.Create(CultureInfo.InvariantCulture, $"{name} ({id})"), wanted =>
        {
            // Never another map that has the number, or the name, by now.
            KernelMap map = ById(id);
            return Named(map, name) ? map : throw new EbpfException(
                EbpfErrorId.NotFound,
                $"Map {id}, which this entry was read from, was '{name}' and is '{map.Name}' now.",
                "Give -Name for the map of that name that there is now.",
                target: wanted);
        });
    }

    private KernelMap OfSession(ProbeSession session)
    {
        string all = string.Join(", ", session.Maps.Select(map => map.Name));
        return Name.Length > 0 ? Only(session.Maps, Name, $"There is no map '{Name}'.", $"There are: {all}.") : throw new EbpfException(
            EbpfErrorId.InvalidArgument,
            $"No map of session {session.Id} ({session.Name}) was named.",
            $"There are: {all}.",
            target: session);
    }

    private static KernelMap OfSystem(string name) =>
        Only(KnownMaps(), name, $"The kernel has no map '{name}'.", "Get-EbpfMap without parameters lists them.");

    private static bool Named(KernelMap map, string name) => string.Equals(map.Name, name, StringComparison.OrdinalIgnoreCase);

    private static KernelMap ById(int id) =>
        OwnMaps().GetValueOrDefault(id) ?? (KernelMap)MapCatalog.Find(id, new SystemListing(whole: false));

    private static KernelMap Only(IEnumerable<KernelMap> maps, string name, string missing, string hint)
    {
        KernelMap[] same = maps.Where(map => Named(map, name)).ToArray();
        return same.Length == 1 ? same[0] : throw (same.Length == 0
            ? new EbpfException(EbpfErrorId.NotFound, missing, hint, target: name)
            : new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"{same.Length} maps are called '{name}', and only one is to be changed.",
                $"Choose one by -Id: {string.Join(", ", same.Select(map => map.Id))}.",
                target: name));
    }

    /// <summary>The maps of the system; where those may not be listed, those of this process's sessions.</summary>
    private static IEnumerable<KernelMap> KnownMaps()
    {
        try
        {
            return MapCatalog.Quickly().ToArray();
        }
        catch (EbpfException error) when (error.Id == EbpfErrorId.PermissionDenied && SessionRegistry.Running.Any())
        {
            return OwnMaps().Values;
        }
    }
}
