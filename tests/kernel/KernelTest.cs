using System.Diagnostics;
using Xunit;

// Kernel tests look at the whole machine; one at a time keeps what they see their own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace EbpfPs.KernelTests;

/// <summary>
/// A test with real programs in the running kernel. After each one this process must hold no descriptor more than
/// before, and so no program, map, link or ring.
/// </summary>
public abstract class KernelTest : IDisposable
{
    /// <summary>The runtime closes a pipe to a process when the read that was under way has ended, on a thread of its own.</summary>
    private static readonly TimeSpan _longestSettling = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, int> _before = Settled();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Dispose(true);

        // At once, since a finalizer would close what was forgotten to be disposed.
        Assert.DoesNotContain(More(HeldObjects.Count()), IsOfTheEngine);
        Stopwatch waited = Stopwatch.StartNew();
        string[] more = [.. More(Settled())];
        while (more.Length > 0 && waited.Elapsed < _longestSettling)
        {
            Thread.Sleep(20);
            more = [.. More(Settled())];
        }

        Assert.Empty(more);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>What is held once the runtime has closed the ends of pipes of processes that were run.</summary>
    private static SortedDictionary<string, int> Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return HeldObjects.Count();
    }

    private static bool IsOfTheEngine(string line) =>
        line.StartsWith("anon_inode:", StringComparison.Ordinal) || line.Contains("/cgroup", StringComparison.Ordinal);

    private IEnumerable<string> More(SortedDictionary<string, int> now) => now
        .Where(kind => kind.Value > _before.GetValueOrDefault(kind.Key))
        .Select(kind => $"{kind.Key}: {kind.Value}, before {_before.GetValueOrDefault(kind.Key)}");
}
