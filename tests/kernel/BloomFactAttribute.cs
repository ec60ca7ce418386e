using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A fact that needs Bloom filters as maps: Linux 5.16. On a kernel that is older it is skipped by name.</summary>
public sealed class BloomFactAttribute : FactAttribute
{
    public BloomFactAttribute() =>
        Skip = Environment.OSVersion.Version < Since ? $"Bloom filters came with Linux {Since}" : null;

    /// <summary>The first kernel that has them.</summary>
    public static Version Since { get; } = new(5, 16);
}
