namespace EbpfPs.Probes;

/// <summary>A map that its object wants pinned by its name (LIBBPF_PIN_BY_NAME), so that it outlives the session.</summary>
/// <param name="Map">The map's name in the source.</param>
/// <param name="Path">Where: a path in a BPF file system.</param>
/// <param name="WasThere">Whether a map was pinned there before. It is used then, with what it holds.</param>
public sealed record PinnedMap(string Map, string Path, bool WasThere);
