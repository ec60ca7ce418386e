namespace EbpfPs.Events;

/// <summary>Turns the kernel's numbers into names. Implementations cache: they are asked for each event.</summary>
public interface INameResolver
{
    /// <summary>The user's name; the number as text where it has none.</summary>
    string UserName(uint userId);

    /// <summary>The id of the container whose cgroup this is, as its runtime shows it; empty outside of one.</summary>
    /// <param name="cgroupId">The cgroup's id in the cgroup v2 hierarchy.</param>
    /// <param name="legacyCgroupId">The same process's in a cgroup v1 hierarchy; 0 where the machine has none.</param>
    string ContainerId(ulong cgroupId, ulong legacyCgroupId);
}
