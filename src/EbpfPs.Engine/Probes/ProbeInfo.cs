using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A built-in probe as it is on this machine.</summary>
public sealed class ProbeInfo
{
    internal ProbeInfo(ProbeSpec spec)
    {
        ProbeMechanism? mechanism = ProbeCatalog.MechanismHere(spec);
        Name = spec.Name;
        Description = spec.Description;
        EventType = spec.EventType;
        Mechanism = mechanism?.Name ?? "";
        Limitation = mechanism is null ? KernelSupport.Obstacle ?? "" : spec.LimitationHere(mechanism);
    }

    /// <summary>The name at the prompt.</summary>
    public string Name { get; }

    /// <summary>What it shows.</summary>
    public string Description { get; }

    /// <summary>The type of its events.</summary>
    public Type EventType { get; }

    /// <summary>How it would attach here, for this user; empty when it can't.</summary>
    public string Mechanism { get; }

    /// <summary>What it doesn't see in that way; or why it can't run here.</summary>
    public string Limitation { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
