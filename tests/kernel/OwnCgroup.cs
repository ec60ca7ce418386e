using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A cgroup of the test's own, with those below it; gone with it.</summary>
internal sealed class OwnCgroup : IDisposable
{
    private static int _count;

    private readonly List<string> _folders = [];

    /// <summary>Makes one.</summary>
    /// <param name="mount">A mount of a hierarchy.</param>
    public OwnCgroup(string mount)
    {
        Path = $"/ebpfps-test-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Folder = mount + Path;
        Make(Folder);
    }

    /// <summary>The path from the hierarchy's root.</summary>
    public string Path { get; }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Makes a cgroup below it, and those between.</summary>
    /// <returns>Its folder.</returns>
    public string Add(string below)
    {
        string folder = Folder;
        foreach (string name in below.Split('/'))
        {
            folder += "/" + name;
            Make(folder);
        }

        return folder;
    }

    /// <summary>Puts a process into a cgroup.</summary>
    public static void Enter(string folder, int processId) => File.WriteAllText(folder + "/cgroup.procs", $"{processId}");

    public void Dispose()
    {
        for (int i = _folders.Count - 1; i >= 0; i--)
        {
            Remove(_folders[i]);
        }
    }

    /// <summary>A cgroup can be removed a moment after its last process was waited for.</summary>
    public static void Remove(string folder)
    {
        for (int i = 0; Workload.Run("/bin/rmdir", folder).ExitCode != 0; i++)
        {
            Assert.True(i < 50, $"{folder} can't be removed");
            Thread.Sleep(20);
        }
    }

    private void Make(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            _folders.Add(folder);
        }
    }
}
