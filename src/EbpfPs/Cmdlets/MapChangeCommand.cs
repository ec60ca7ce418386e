using System.Collections;
using System.Globalization;
using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command that changes entries of one map. The map is kept open until the last record.</summary>
public abstract partial class MapChangeCommand : KernelObjectCommand
{
    private readonly Dictionary<int, (KernelMap Map, MapWriter Writer)> _writers = [];

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
}
