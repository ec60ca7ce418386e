using Xunit;

// Kernel tests look at the whole machine; one at a time keeps what they see their own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace EbpfPs.KernelTests;

/// <summary>
/// A test with real programs in the running kernel. After each one this process must hold exactly the eBPF objects
/// and waiting descriptors that it held before.
/// </summary>
public abstract class KernelTest : IDisposable
{
    private readonly SortedDictionary<string, int> _before = HeldObjects.Count();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Dispose(true);
        Assert.Equal(_before, HeldObjects.Count());
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
