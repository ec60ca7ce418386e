using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A command about objects of the kernel: by name, by number, or by the path that they are pinned at.</summary>
public abstract class KernelObjectCommand : EbpfCommand
{
    /// <summary>The parameter set of names.</summary>
    protected const string NameSet = "Name";

    /// <summary>The parameter set of numbers.</summary>
    protected const string IdSet = "Id";

    /// <summary>The parameter set of pins.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of sessions.</summary>
    protected const string SessionSet = "Session";

    /// <summary>Finds objects one by one; each that is not there is a non-terminating error.</summary>
    private protected IEnumerable<T> Find<TKey, T>(IEnumerable<TKey> keys, Func<TKey, T> find)
        where T : class
    {
        foreach (TKey key in keys)
        {
            T? found = null;
            try
            {
                found = find(key);
            }
            catch (EbpfException error)
            {
                WriteError(error);
            }

            if (found is not null)
            {
                yield return found;
            }
        }
    }

    /// <summary>Reports a name that no object has.</summary>
    private protected void WriteMissing(string noun, string name) => WriteError(new EbpfException(
        EbpfErrorId.NotFound,
        $"The kernel has no {noun} '{name}'.",
        $"Get-Ebpf{char.ToUpperInvariant(noun[0])}{noun[1..]} without parameters lists them; wildcards are allowed.",
        target: name));

    /// <summary>A path as the kernel takes it: full, and of the file system.</summary>
    private protected string FullPath(string path) => GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>The numbers of the programs of sessions; a session that was stopped is a non-terminating error.</summary>
    private protected int[] ProgramIdsOf(IEnumerable<ProbeSession> sessions) => [.. Find(sessions, session => session.ProgramIds).SelectMany(ids => ids)];

    /// <summary>The maps of this process's sessions, by the kernel's numbers.</summary>
    private protected static Dictionary<int, SessionMap> OwnMaps()
    {
        Dictionary<int, SessionMap> own = [];
        foreach (ProbeSession session in SessionRegistry.Running)
        {
            try
            {
                session.Maps.ToList().ForEach(map => own.TryAdd(map.Id, map));
            }
            catch (EbpfException error) when (error.Id == EbpfErrorId.AlreadyStopped)
            {
                // It was stopped just now, by another thread: then it has no maps.
                continue;
            }
        }

        return own;
    }
}
