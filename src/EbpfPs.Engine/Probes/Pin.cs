using System.Globalization;

namespace EbpfPs.Probes;

/// <summary>What can be pinned.</summary>
public enum PinKind
{
    /// <summary>A program.</summary>
    Program,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A link.</summary>
    Link,
}

/// <summary>A path in a BPF file system that keeps an object in the kernel.</summary>
/// <param name="Path">The path.</param>
/// <param name="Kind">What is pinned there.</param>
/// <param name="Id">Its number.</param>
public sealed record Pin(string Path, PinKind Kind, int Id)
{
    /// <summary>All of it on one line: <c>/sys/fs/bpf/counts: map 7</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Path}: {Kind.ToString().ToLowerInvariant()} {Id}");
}
