using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Counts events and the gaps in the numbers that the kernel gave them, by probe, stream and CPU.</summary>
internal sealed class SequenceCheck
{
    private readonly Dictionary<(string, byte, int), ulong> _next = [];

    public long Events { get; private set; }

    /// <summary>Numbers that were given to no event that came.</summary>
    public long Gaps { get; private set; }

    /// <summary>Takes what is there.</summary>
    public void Drain(EventReader reader)
    {
        while (reader.TryRead() is EbpfEvent taken)
        {
            Add(taken);
        }
    }

    public void Add(EbpfEvent taken)
    {
        (string, byte, int) stream = (taken.Probe, taken.Stream, taken.Cpu);
        ulong next = _next.GetValueOrDefault(stream);
        Assert.True(taken.Sequence >= next, $"number {taken.Sequence} of {stream} comes after {next - 1}");
        Gaps += (long)(taken.Sequence - next);
        _next[stream] = taken.Sequence + 1;
        Events++;
    }
}
