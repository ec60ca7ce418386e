namespace EbpfPs.Probes;

/// <summary>An entry of a map.</summary>
/// <param name="Map">The map's name.</param>
/// <param name="MapId">The kernel's number of the map: several can have one name.</param>
/// <param name="Key">The key: a number, text, an array, or a <see cref="StructValue"/>; null where the map has none.</param>
/// <param name="Value">The value, likewise.</param>
/// <param name="Cpu">Which CPU's value it is; null for the sum of all, and for maps with one value a key.</param>
/// <param name="Labels">What the key means, by name: a syscall's name instead of its number; empty where it says so itself.</param>
public sealed record MapEntry(string Map, int MapId, object? Key, object Value, int? Cpu, IReadOnlyList<KeyValuePair<string, object>> Labels);
