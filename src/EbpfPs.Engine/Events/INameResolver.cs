namespace EbpfPs.Events;

/// <summary>Turns the kernel's numbers into names. Implementations cache: they are asked for each event.</summary>
public interface INameResolver
{
    /// <summary>The user's name; the number as text where it has none.</summary>
    string UserName(uint userId);

    /// <summary>The id of the container whose cgroup this is, as its runtime shows it; empty outside of one.</summary>
    string ContainerId(ulong cgroupId);
}
