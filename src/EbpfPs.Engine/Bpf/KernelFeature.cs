namespace EbpfPs.Bpf;

/// <summary>What a feature is about.</summary>
public enum KernelFeatureCategory
{
    /// <summary>The kernel, its settings and mounts, and the library.</summary>
    System,

    /// <summary>A capability of this process.</summary>
    Privilege,

    /// <summary>A place where programs attach.</summary>
    Hook,

    /// <summary>Something that programs use: a map, a helper, a counter.</summary>
    Program,
}

/// <summary>One thing that eBPF needs or offers, as it was found on this kernel for this process.</summary>
/// <param name="Name">Its name, as manuals and kernel documentation have it.</param>
/// <param name="Category">What it is about.</param>
/// <param name="Description">What it is, in one sentence.</param>
/// <param name="Supported">Whether it works here: it was tried, or its state was read.</param>
/// <param name="Since">The first version of Linux that has it; empty where that means nothing.</param>
/// <param name="Detail">What was seen of it; empty when nothing.</param>
/// <param name="Reason">Why it doesn't work; empty when it does.</param>
/// <param name="Remedy">What a system administrator can do; empty when it works.</param>
public sealed record KernelFeature(
    string Name,
    KernelFeatureCategory Category,
    string Description,
    bool Supported,
    string Since,
    string Detail,
    string Reason,
    string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
