using System.Globalization;

namespace EbpfPs.UnitTests;

/// <summary>
/// Runs something with random input many times, on all processors. EBPFPS_FUZZ_EXECUTIONS says how often, and
/// EBPFPS_FUZZ_SEED repeats an earlier run: a worker's n-th input depends on nothing but the seed, its number and n.
/// </summary>
internal static class FuzzRun
{
    private const long FewExecutions = 200_000;
    private const int DefaultSeed = 20240229;

    /// <summary>What is allocated for a byte of input at the most, and beside that for any.</summary>
    private const long BytesForEach = 200;

    private const long BytesForAny = 64 * 1024;

    /// <summary>The first of a worker's executions also make what is made once.</summary>
    private const int First = 100;

    /// <summary>No input takes a fraction of it; one that does hangs.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);

    public static long Executions { get; } = Read("EBPFPS_FUZZ_EXECUTIONS", FewExecutions);

    public static int Seed { get; } = (int)Read("EBPFPS_FUZZ_SEED", DefaultSeed);

    /// <summary>What a worker does with one input.</summary>
    /// <param name="random">The source of everything that is random about it.</param>
    /// <param name="input">The input, for the message when it fails.</param>
    public delegate void Body(Random random, out byte[] input);

    /// <summary>Runs until all executions are done, or one fails, hangs or takes unbounded memory.</summary>
    /// <param name="makeBody">Makes what a worker runs; each has its own.</param>
    /// <param name="executions">How often in all, at the least: each worker does as many.</param>
    public static void Run(Func<Body> makeBody, long executions)
    {
        Worker[] workers = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(number => new Worker(number, (executions + Environment.ProcessorCount - 1) / Environment.ProcessorCount, makeBody()))
            .ToArray();
        Array.ForEach(workers, worker => worker.Thread.Start());
        foreach (Worker worker in workers)
        {
            for (long before = -1; !worker.Thread.Join(_longest); before = worker.Done)
            {
                Assert.True(worker.Done > before, $"{worker} hangs");
            }
        }

        Assert.True(workers.All(worker => worker.Failure is null), string.Join('\n', workers.Select(worker => worker.Failure)));
    }

    private static long Read(string variable, long other) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out long given) ? given : other;

    private sealed class Worker
    {
        private readonly int _number;
        private readonly long _executions;
        private readonly Body _body;
        private long _done;

        public Worker(int number, long executions, Body body)
        {
            _number = number;
            _executions = executions;
            _body = body;
            Thread = new Thread(Work) { IsBackground = true };
        }

        public Thread Thread { get; }

        public long Done => Interlocked.Read(ref _done);

        public string? Failure { get; private set; }

        public override string ToString() => $"execution {Done} of worker {_number} with EBPFPS_FUZZ_SEED={Seed}";

        private void Work()
        {
            Random random = new(HashCode(Seed, _number));
            byte[] input = [];
            try
            {
                for (; _done < _executions; Interlocked.Increment(ref _done))
                {
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    _body(random, out input);
                    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    Assert.True(_done < First || allocated <= BytesForAny + (BytesForEach * input.Length), $"{allocated} bytes were allocated for {input.Length}");
                }
            }
            catch (Exception error)
            {
                Failure = $"{this}: {error}\n{Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 4096)))}";
            }
        }

        private static int HashCode(int seed, int number) => unchecked((seed * 31) + number);
    }
}
