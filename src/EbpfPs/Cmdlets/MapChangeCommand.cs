using System.Collections;
using System.Globalization;
using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command that changes entries of one map. The map is kept open until the last record.</summary>
public abstract class MapChangeCommand : KernelObjectCommand
{
    /// <summary>The parameter set of maps.</summary>
    protected const string MapSet = "Map";

    private readonly Dictionary<int, (KernelMap Map, MapWriter Writer)> _writers = [];
    private readonly Dictionary<string, KernelMap?> _found = [];

    /// <summary>The map's name; entries of Get-EbpfMapEntry bring it along.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet)]
    [Alias("Map")]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The map's number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(MapIdCompleter))]
    public int Id { get; set; }

    /// <summary>The path that the map is pinned at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string Path { get; set; } = "";

    /// <summary>The map, as Get-EbpfMap gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = MapSet)]
    public KernelMap? InputObject { get; set; }

    /// <summary>The key: a number, text, an address, or a hashtable with the members of a struct.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Key { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (FindMap() is not KernelMap map)
        {
            return;
        }

        try
        {
            Change(map, Plain(Key));
        }
        catch (EbpfException error)
        {
            WriteError(error);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach ((_, MapWriter writer) in _writers.Values)
        {
            writer.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Changes an entry.</summary>
    private protected abstract void Change(KernelMap map, object? key);

    /// <summary>The map, open for changes.</summary>
    private protected MapWriter WriterOf(KernelMap map)
    {
        if (!_writers.TryGetValue(map.Id, out (KernelMap Map, MapWriter Writer) found))
        {
            found = (map, map.OpenWriter());
            _writers[map.Id] = found;
        }

        return found.Writer;
    }

    /// <summary>What the entry is called when PowerShell asks.</summary>
    private protected static string Describe(KernelMap map, object? key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(key is null ? "entry" : $"entry {Maps.ValueText.Of(Shown(key))}")} of map {map.Name} ({map.Id})");

    /// <summary>A value without PowerShell's wrappings: the engine knows nothing of them.</summary>
    private protected static object? Plain(object? value) => value switch
    {
        PSObject { BaseObject: PSCustomObject } members => Members(members),
        PSObject wrapped => Plain(wrapped.BaseObject),
        IDictionary dictionary => Members(dictionary),
        byte[] bytes => bytes,
        object?[] elements => Array.ConvertAll(elements, Plain),
        _ => value,
    };

    private static object? Shown(object? key) => key switch
    {
        Hashtable members => string.Join(", ", members.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(name => $"{name}={members[name]}")),
        _ => key,
    };

    private static Hashtable Members(PSObject members)
    {
        Hashtable plain = [];
        foreach (PSPropertyInfo property in members.Properties)
        {
            plain[property.Name] = Plain(property.Value);
        }

        return plain;
    }

    private static Hashtable Members(IDictionary members)
    {
        Hashtable plain = [];
        foreach (DictionaryEntry entry in members)
        {
            plain[$"{entry.Key}"] = Plain(entry.Value);
        }

        return plain;
    }

    private KernelMap? FindMap()
    {
        if (ParameterSetName == MapSet)
        {
            return InputObject;
        }

        string wanted = ParameterSetName switch
        {
            IdSet => Id.ToString(CultureInfo.InvariantCulture),
            PathSet => FullPath(Path),
            _ => Name,
        };
        if (!_found.TryGetValue(wanted, out KernelMap? map))
        {
            map = Find([wanted], Look).FirstOrDefault();
            _found[wanted] = map;
        }

        return map;
    }

    private KernelMap Look(string wanted)
    {
        SystemListing listing = new(whole: false);
        switch (ParameterSetName)
        {
            case IdSet:
                return MapCatalog.Find(Id, listing);
            case PathSet:
                return MapCatalog.Pinned(wanted, listing);
            default:
                KernelMap[] same = KnownMaps().Where(map => string.Equals(map.Name, wanted, StringComparison.OrdinalIgnoreCase)).ToArray();
                return same.Length == 1 ? same[0] : throw (same.Length == 0
                    ? new EbpfException(EbpfErrorId.NotFound, $"The kernel has no map '{wanted}'.", "Get-EbpfMap without parameters lists them.", target: wanted)
                    : new EbpfException(
                        EbpfErrorId.InvalidArgument,
                        $"{same.Length} maps are called '{wanted}', and only one is to be changed.",
                        $"Choose one by -Id: {string.Join(", ", same.Select(map => map.Id))}.",
                        target: wanted));
        }
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
            return SessionRegistry.Running.SelectMany(session => session.Maps);
        }
    }
}
