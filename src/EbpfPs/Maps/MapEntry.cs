namespace EbpfPs;

/// <summary>
/// An entry of a map whose key and value have no members: a type of its own, since there can be millions of them and an
/// object with properties added one by one takes several times as long to make.
/// </summary>
/// <param name="map">The map's name.</param>
/// <param name="mapId">The kernel's number of the map.</param>
/// <param name="key">The key.</param>
/// <param name="value">The value.</param>
public sealed class MapEntry(string map, int mapId, object? key, object? value)
{
    /// <summary>The map's name.</summary>
    public string Map { get; } = map;

    /// <summary>The kernel's number of the map.</summary>
    public int MapId { get; } = mapId;

    /// <summary>The key; null where the map has none.</summary>
    public object? Key { get; set; } = key;

    /// <summary>The value. To set it changes the map only by Set-EbpfMapEntry.</summary>
    public object? Value { get; set; } = value;
}
