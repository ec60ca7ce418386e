using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A test that needs bpftool and kernel modules that the emulated machines of tests/vm don't bring along.</summary>
internal sealed class HostBpftoolFactAttribute : FactAttribute
{
    /// <param name="needs">What the modules are for.</param>
    public HostBpftoolFactAttribute(string needs) => Skip = Machine.IsEmulated
        ? $"{needs}: not in the image of the emulated machines"
        : Bpftool.Path is null ? "bpftool is not installed" : null;
}
