using System.Diagnostics;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>What it costs to make an event of a record.</summary>
/// <param name="Case">Which records.</param>
/// <param name="Ns">Nanoseconds each.</param>
/// <param name="Bytes">Bytes allocated for each.</param>
internal sealed record DecodeResult(string Case, double Ns, double Bytes)
{
    /// <summary>The case that the target is about.</summary>
    public const string SameFile = "one file, opened again and again";
}

/// <summary>Decodes recorded open records in this process.</summary>
internal static class DecodeBench
{
    private const int Records = 50_000;
    private const int Rounds = 100;
    private const int Repeat = 5;

    public static IReadOnlyList<DecodeResult> Run() =>
    [
        Measure(DecodeResult.SameFile, RecordingProbe.Record(Records)),
        Measure("a name that is new each time", RecordingProbe.Record(Records, "/tmp/ebpfps-bench/some-folder/no-such-file-", "numbered")),
    ];

    private static DecodeResult Measure(string name, IReadOnlyList<byte[]> records)
    {
        EventContext context = new(SystemNames.Shared, Environment.MachineName);

        // One piece of memory, as in the ring.
        byte[] bytes = records.SelectMany(record => record).ToArray();
        int[] ends = new int[records.Count];
        int end = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] = end += records[i].Length;
        }

        // The first rounds are for the just-in-time compiler.
        Decode(bytes, ends, context, Rounds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        double[] times = new double[Repeat];
        for (int i = 0; i < Repeat; i++)
        {
            times[i] = Decode(bytes, ends, context, Rounds);
        }

        double allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / ((long)Repeat * Rounds * ends.Length);
        DecodeResult result = new(name, Statistics.Median(times), allocated);
        Progress.Say($"decode: {name}: {result.Ns:F0} ns, {result.Bytes:F0} bytes");
        return result;
    }

    private static double Decode(byte[] bytes, int[] ends, EventContext context, int rounds)
    {
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            int from = 0;
            foreach (int end in ends)
            {
                OpenEvent.Decode(bytes.AsSpan(from, end - from), context);
                from = end;
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((long)rounds * ends.Length);
    }
}
