using System.Globalization;
using System.Numerics;

namespace EbpfPs.Probes;

/// <summary>What a session is to trace, and how.</summary>
public sealed class SessionOptions
{
    /// <summary>The default size of the ring, in bytes.</summary>
    public const long DefaultBufferSize = 8 * 1024 * 1024;

    /// <summary>The most that the exec probe can read of a program's arguments, in bytes.</summary>
    public const int LongestArguments = 128 * 1024;

    private const long LargestBuffer = 1L << 30;

    /// <summary>The probes, each once.</summary>
    public required IReadOnlyList<ProbeSpec> Probes { get; init; }

    /// <summary>Whose events are wanted.</summary>
    public ProcessFilter Filter { get; init; } = new();

    /// <summary>Bytes of the ring: a power of two, from a page to 1 GiB.</summary>
    public long BufferSize { get; init; } = DefaultBufferSize;

    /// <summary>How many bytes of a program's arguments the exec probe reads; the rest is cut and flagged.</summary>
    public int MaxArgumentLength { get; init; } = LongestArguments;

    /// <summary>
    /// Calls that took less make no event, with probes that trace calls; null takes the probe's own default, which is
    /// none for <c>open</c> and 1 ms for <c>latency</c>.
    /// </summary>
    public TimeSpan? MinimumDuration { get; init; }

    /// <summary>The names of the syscalls that the latency probe times; none means all of them.</summary>
    public IReadOnlyList<string> Syscalls { get; init; } = [];

    /// <summary>How many entries the latency probe's histogram has room for; null takes what the number of CPUs allows.</summary>
    internal int? HistogramEntries { get; init; }

    /// <summary>
    /// Keep the starts of calls in a hash map with room for so many, as kernels without task storage for tracing programs
    /// do; null takes what is best here.
    /// </summary>
    internal int? CallStarts { get; init; }

    /// <summary>Attach in this way only; null takes the best that works here.</summary>
    public string? Mechanism { get; init; }

    /// <summary>Refuses what can't be.</summary>
    /// <exception cref="EbpfException">A value is out of its range.</exception>
    public void Validate()
    {
        if (Probes.Count == 0)
        {
            throw Invalid("No probe was named.", $"There are: {string.Join(", ", ProbeCatalog.All)}.", nameof(Probes));
        }

        ProbeSpec? twice = Probes.GroupBy(probe => probe.Kind).FirstOrDefault(same => same.Count() > 1)?.First();
        if (twice is not null)
        {
            throw Invalid($"Probe '{twice.Name}' was named twice.", "Name each probe once.", twice.Name);
        }

        int page = Environment.SystemPageSize;
        if (!BitOperations.IsPow2(BufferSize) || BufferSize < page || BufferSize > LargestBuffer)
        {
            long near = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(BufferSize, page, LargestBuffer));
            throw Invalid(
                string.Create(CultureInfo.InvariantCulture, $"A buffer of {BufferSize} bytes can't be: its size must be a power of two from {page} to {LargestBuffer}."),
                string.Create(CultureInfo.InvariantCulture, $"Try -BufferSize {near}."),
                BufferSize);
        }

        if (MaxArgumentLength is < 0 or > LongestArguments)
        {
            throw Invalid($"Arguments of {MaxArgumentLength} bytes can't be read.", $"Use 0 to {LongestArguments}.", MaxArgumentLength);
        }

        if (MinimumDuration < TimeSpan.Zero)
        {
            throw Invalid("A duration can't be negative.", "Use zero or more.", MinimumDuration);
        }

        if (Syscalls.Count > 0 && !Probes.Any(probe => probe.OwnOptions.Contains(LatencyProbe.SyscallOption)))
        {
            throw Invalid("Syscalls were named, and no probe that takes them.", "-Syscall is an option of: latency.", Syscalls[0]);
        }

        foreach (ProbeSpec probe in Probes)
        {
            probe.Validate(this);
        }

        Filter.Validate();
    }

    /// <summary>The least duration of an event, in nanoseconds.</summary>
    /// <param name="byDefault">The probe's own, where none was asked for.</param>
    internal ulong MinimumDurationNs(TimeSpan byDefault) => (ulong)((MinimumDuration ?? byDefault).Ticks * TimeSpan.NanosecondsPerTick);

    internal static EbpfException Invalid(string message, string hint, object target) =>
        new(EbpfErrorId.InvalidArgument, message, hint, target: target);
}
