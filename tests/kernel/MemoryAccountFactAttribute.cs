using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A test for kernels that count the memory of BPF maps for the cgroup, from Linux 5.11 on; before it is RLIMIT_MEMLOCK.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MemoryAccountFactAttribute : FactAttribute
{
    public MemoryAccountFactAttribute() =>
        Skip = Environment.OSVersion.Version < new Version(5, 11) ? "needs Linux 5.11: the memory cgroup counts BPF maps" : null;
}
