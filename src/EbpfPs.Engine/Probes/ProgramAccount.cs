using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>What the programs of one object count, and what the kernel counts of them.</summary>
internal sealed class ProgramAccount(BpfObject obj)
{
    /// <summary>Asked for while files can be opened: the account is due at the end in any case.</summary>
    private readonly int _cpus = BpfMap.PossibleCpus;

    /// <summary><c>struct counters</c> of bpf/include/session.bpf.h.</summary>
    internal struct Counters
    {
        public ulong Produced;
        public ulong RingFull;
        public ulong MapFull;
        public ulong Truncated;
    }

    /// <summary>The counters of every stream, summed over the CPUs.</summary>
    public Counters ReadCounters()
    {
        Counters sum = default;
        BpfMap map = obj.Map("counters");
        Counters[] perCpu = new Counters[_cpus];
        for (uint stream = 0; stream < map.MaxEntries; stream++)
        {
            map.ReadPerCpu<uint, Counters>(stream, perCpu);
            foreach (Counters one in perCpu)
            {
                sum.Produced += one.Produced;
                sum.RingFull += one.RingFull;
                sum.MapFull += one.MapFull;
                sum.Truncated += one.Truncated;
            }
        }

        return sum;
    }

    /// <summary>Skipped runs of all programs; null where the kernel doesn't count them.</summary>
    public long? ReadMissed()
    {
        long sum = 0;
        foreach (BpfProgram program in obj.Programs)
        {
            if (program.ReadMissed() is not ulong missed)
            {
                return null;
            }

            sum += (long)missed;
        }

        return sum;
    }
}
