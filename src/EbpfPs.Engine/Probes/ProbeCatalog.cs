using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>The built-in probes.</summary>
public static class ProbeCatalog
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<ProbeSpec> All { get; } =
        [new ConnectProbe(), new ExecProbe(), new ExitProbe(), new LatencyProbe(), new OpenProbe()];

    /// <summary>All of them, as they are on this machine.</summary>
    public static IEnumerable<ProbeInfo> Describe() => All.Select(probe => new ProbeInfo(probe));

    /// <summary>Finds a probe.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="EbpfException">There is none; the hint has the name that was meant, if one is near.</exception>
    public static ProbeSpec Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ProbeSpec? found = All.FirstOrDefault(probe => probe.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
        {
            return found;
        }

        string all = string.Join(", ", All.Select(probe => probe.Name));
        string hint = Spelling.Nearest(name, All.Select(probe => probe.Name)) is string nearest
            ? $"Did you mean '{nearest}'? There are: {all}."
            : $"There are: {all}.";
        throw new EbpfException(EbpfErrorId.NotFound, $"There is no probe '{name}'.", hint, target: name);
    }

    /// <summary>How a probe would attach for this process on this kernel. Nothing is loaded or mounted.</summary>
    /// <returns>The way, or null when it can't run here; <see cref="KernelSupport.Obstacle"/> says why.</returns>
    public static ProbeMechanism? MechanismHere(ProbeSpec probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return KernelSupport.Obstacle is null
            ? Choose(probe, new SessionOptions { Probes = [probe] }, KernelSupport.ClassicTracepointsInReach, out _)
            : null;
    }

    /// <summary>The best way in which a probe can attach.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="options">What it is asked for.</param>
    /// <param name="classic">Whether this process can attach to classic tracepoints.</param>
    /// <param name="reason">Why none can do it; empty where one can.</param>
    internal static ProbeMechanism? Choose(ProbeSpec probe, SessionOptions options, bool classic, out string reason)
    {
        reason = $"it attaches through: {string.Join(", ", probe.Mechanisms.Select(mechanism => mechanism.Name))}";
        foreach (ProbeMechanism mechanism in probe.Mechanisms)
        {
            if (options.Mechanism is null || mechanism.Name == options.Mechanism)
            {
                reason = mechanism.NeedsTracefs && !classic ? "classic tracepoints can't be used" : probe.WhyNot(mechanism, options);
                if (reason.Length == 0)
                {
                    return mechanism;
                }
            }
        }

        return null;
    }
}
