using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>The built-in probes.</summary>
public static class ProbeCatalog
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<ProbeSpec> All { get; } = [new ConnectProbe(), new ExecProbe(), new ExitProbe(), new OpenProbe()];

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
        ProbeSpec nearest = All.MinBy(probe => Distance(name.ToLowerInvariant(), probe.Name))!;
        bool near = Distance(name.ToLowerInvariant(), nearest.Name) <= Math.Max(1, nearest.Name.Length / 2);
        string hint = near ? $"Did you mean '{nearest.Name}'? There are: {all}." : $"There are: {all}.";
        throw new EbpfException(EbpfErrorId.NotFound, $"There is no probe '{name}'.", hint, target: name);
    }

    /// <summary>How a probe would attach for this process on this kernel. Nothing is loaded or mounted.</summary>
    /// <returns>The way, or null when it can't run here; <see cref="KernelSupport.Obstacle"/> says why.</returns>
    public static ProbeMechanism? MechanismHere(ProbeSpec probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return KernelSupport.Obstacle is null
            ? Choose(probe, null, KernelSupport.Tracefs is not null || KernelSupport.CanMountTracefs)
            : null;
    }

    /// <summary>The best way in which a probe can attach.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="wanted">The only way that is wanted; null for any.</param>
    /// <param name="tracefs">Whether this process can read tracefs.</param>
    internal static ProbeMechanism? Choose(ProbeSpec probe, string? wanted, bool tracefs) =>
        probe.Mechanisms.FirstOrDefault(mechanism =>
            (wanted is null || mechanism.Name == wanted) && (tracefs || !mechanism.NeedsTracefs));

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        int[] row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
