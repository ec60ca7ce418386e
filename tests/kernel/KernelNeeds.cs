using EbpfPs.Bpf;

namespace EbpfPs.KernelTests;

/// <summary>
/// Why this kernel can't do what a test needs, by its version and the configuration that it was built with. What the product
/// finds out about the kernel has no say: where that is wrong, a test has to fail and not to be left out.
/// </summary>
internal static class KernelNeeds
{
    /// <summary>Names what came with a newer kernel than this one; null where this one is new enough.</summary>
    public static string? Since(string first, string what) =>
        Environment.OSVersion.Version < new Version(first) ? $"needs {what}: Linux {first}" : null;

    /// <summary>
    /// Names the options that this kernel was built without; null where it has them all, and where nothing tells: a test
    /// that then fails says more than one that is left out.
    /// </summary>
    public static string? Options(params string[] options)
    {
        string[] notSet = KernelConfig.Running is KernelConfig config ? Array.FindAll(options, option => !config.Has(option)) : [];
        return notSet.Length > 0 ? $"this kernel was built without {string.Join(" and ", notSet)}" : null;
    }
}
