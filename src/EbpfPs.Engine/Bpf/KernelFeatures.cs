namespace EbpfPs.Bpf;

/// <summary>
/// What this kernel and this process can do. Each feature is found out by using it (a tiny program is loaded,
/// attached and taken out again) or by reading its state; never from the kernel's version.
/// </summary>
public static class KernelFeatures
{
    private static readonly FeatureProbe[] _all =
        [.. SystemFeatures.All, .. MountFeatures.All, .. PrivilegeFeatures.All, .. HookFeatures.All, .. ProgramFeatures.All];

    /// <summary>Names and descriptions of all features, in the order of <see cref="TestAll"/>.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Descriptions { get; } =
        _all.Select(probe => KeyValuePair.Create(probe.Name, probe.Description)).ToArray();

    /// <summary>Looks for one feature.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="EbpfException">There is no feature of that name.</exception>
    public static KernelFeature Test(string name) =>
        _all.FirstOrDefault(probe => probe.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Test()
            ?? throw Unknown(name);

    /// <summary>Looks for all features, one by one as the caller goes on.</summary>
    public static IEnumerable<KernelFeature> TestAll() => _all.Select(probe => probe.Test());

    /// <summary>What is wrong with a name that no feature has.</summary>
    internal static EbpfException Unknown(string name) => new(
        EbpfErrorId.NotFound,
        $"There is no feature '{name}'.",
        $"There are: {string.Join(", ", _all.Select(probe => probe.Name))}.",
        target: name);
}
