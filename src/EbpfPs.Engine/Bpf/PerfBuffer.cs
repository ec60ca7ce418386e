using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A BPF_MAP_TYPE_PERF_EVENT_ARRAY of a user's object: one ring for each CPU that is online.</summary>
internal sealed class PerfBuffer : RecordBuffer
{
    private readonly List<PerfRing> _rings = [];
    private int _next;

    /// <summary>Opens the rings and puts them into the map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="bytesPerCpu">Bytes of a CPU's ring: a power of two of pages.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public PerfBuffer(BpfMap map, int bytesPerCpu)
    {
        try
        {
            foreach (int cpu in OnlineCpus().Where(cpu => cpu < map.MaxEntries))
            {
                PerfRing ring = new(cpu, bytesPerCpu);
                _rings.Add(ring);
                map.Update((uint)cpu, ring.Fd);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long Size => _rings.Sum(ring => (long)ring.Size);

    public override long? Lost => _rings.Sum(ring => ring.Lost);

    public override void Watch(Waiter waiter) => _rings.ForEach(ring => waiter.Watch(ring.Fd));

    public override bool TryNext(out ReadOnlySpan<byte> record, out ulong time)
    {
        // CPU after CPU, each to its end or that of the batch: the time puts a batch's records in order.
        for (int tries = 0; tries < _rings.Count; tries++)
        {
            if (_rings[_next].TryNext(out record, out time))
            {
                return true;
            }

            _next = (_next + 1) % _rings.Count;
        }

        record = default;
        time = 0;
        return false;
    }

    public override void Publish()
    {
        _rings.ForEach(ring => ring.Publish());

        // The next batch begins with another CPU: one that always has more would keep the others waiting for ever.
        _next = (_next + 1) % Math.Max(1, _rings.Count);
    }

    public override void EndHere() => _rings.ForEach(ring => ring.EndHere());

    public override void Reopen() => _rings.ForEach(ring => ring.Reopen());

    public override void Dispose() => _rings.ForEach(ring => ring.Dispose());

    /// <summary>"0-3,8": what /sys/devices/system/cpu/online says.</summary>
    private static IEnumerable<int> OnlineCpus()
    {
        foreach (string range in File.ReadAllText("/sys/devices/system/cpu/online").Split(',', StringSplitOptions.TrimEntries))
        {
            int[] ends = range.Split('-').Select(int.Parse).ToArray();
            for (int cpu = ends[0]; cpu <= ends[^1]; cpu++)
            {
                yield return cpu;
            }
        }
    }
}
