using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// A fact that needs a kernel module with types of its own (split BTF): Linux 5.11. The emulated machines of tests/vm have
/// loaded one; the kernel that runs here may have none.
/// </summary>
public sealed class ModuleTypesFactAttribute : FactAttribute
{
    /// <summary>Devices in pairs; its types are few.</summary>
    public const string Module = "veth";

    private static readonly Version _since = new(5, 11);

    public ModuleTypesFactAttribute() =>
        Skip = Environment.OSVersion.Version < _since ? $"types of modules came with Linux {_since}"
            : !Machine.IsEmulated && !File.Exists($"/sys/kernel/btf/{Module}") ? $"the module {Module} is not loaded"
            : null;
}
