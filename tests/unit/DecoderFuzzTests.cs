using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit.Abstractions;

namespace EbpfPs.UnitTests;

/// <summary>
/// Every decoder with mutated records of real kernels (tests/unit/records), with hostile text and with random bytes: an event or an
/// <see cref="EbpfException"/>, and nothing else; in bounded memory; and text that is lossless and harmless when shown.
/// A few executions, or ten million where EBPFPS_FUZZ_EXECUTIONS says so (docs/reliability.md).
/// </summary>
public sealed class DecoderFuzzTests(ITestOutputHelper output)
{
    /// <summary>For so many records one value of a map: its types are few.</summary>
    private const int RecordsForEachMap = 5;

    /// <summary>Of so many records one must become an event: where all were refused, hardly any decoder would have run.</summary>
    private const int RecordsForEachEvent = 4;

    private static readonly Dictionary<string, byte[][]> _records = ProbeCatalog.All.ToDictionary(probe => probe.Name, probe => RealRecords.Of(probe.Name));

    [Fact]
    public void RecordsOfEveryProbe()
    {
        List<RecordFuzz> fuzzers = [];
        FuzzRun.Run(
            () =>
            {
                fuzzers.Add(new RecordFuzz());
                return fuzzers[^1].Once;
            },
            FuzzRun.Executions);

        long records = fuzzers.Sum(fuzzer => fuzzer.Records), events = fuzzers.Sum(fuzzer => fuzzer.Events);
        output.WriteLine($"{records} records: {events} became events, {records - events} were refused");
        Assert.True(records >= FuzzRun.Executions, $"{records} records");
        Assert.True(events >= records / RecordsForEachEvent, $"{events} of {records} became events");
    }

    [Fact]
    public void ValuesOfMapsAndHistograms() => FuzzRun.Run(() => MapFuzz.Once, FuzzRun.Executions / RecordsForEachMap);

    /// <summary>
    /// What is mutated is good: else nothing but refusals would be tested. After a change of a record's layout, record anew:
    /// <c>dotnet EbpfPs.KernelTests.dll record tests/unit/records</c>, as root.
    /// </summary>
    [Fact]
    public void RealRecordsOfEveryProbeAreDecoded()
    {
        EventContext context = Record.Context();
        foreach (ProbeSpec probe in ProbeCatalog.All)
        {
            byte[][] records = _records[probe.Name];
            Assert.InRange(records.Length, 4, 64);
            Assert.All(records, record =>
            {
                EbpfEvent decoded = probe.Decode(record, context);
                HostileRecords.ReadAll(decoded);
                Assert.Equal((probe.Name, probe.EventType), (decoded.Probe, decoded.GetType()));
            });
        }
    }

    private sealed class RecordFuzz
    {
        private readonly EventContext _context = Record.Context();

        /// <summary>Records that were given to a decoder.</summary>
        public long Records { get; private set; }

        /// <summary>Those that became events.</summary>
        public long Events { get; private set; }

        public void Once(Random random, out byte[] input)
        {
            ProbeSpec probe = ProbeCatalog.All[(int)(Records++ % ProbeCatalog.All.Count)];
            byte[][] records = _records[probe.Name];
            byte[] record = records[random.Next(records.Length)];
            input = random.Next(8) switch
            {
                0 => RandomBytes(random),
                1 => Headed(record, random),
                2 => Spliced(record, records[random.Next(records.Length)], random),
                3 => RecordText.Hostile(probe.Kind, record, random),
                _ => HostileRecords.Mutant(record, random),
            };
            try
            {
                EbpfEvent decoded = probe.Decode(input, _context);
                Events++;
                HostileRecords.ReadAll(decoded);
                RecordText.AssertLossless(decoded, input);
            }
            catch (EbpfException error)
            {
                Assert.Equal(EbpfErrorId.InvalidRecord, error.Id);
            }
        }

        private static byte[] RandomBytes(Random random)
        {
            byte[] bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            return bytes;
        }

        /// <summary>A header that says how long the record is, and random bytes behind it.</summary>
        private static byte[] Headed(byte[] record, Random random)
        {
            byte[] bytes = new byte[random.Next(Record.HeaderSize, 700)];
            random.NextBytes(bytes);
            record.AsSpan(0, Record.HeaderSize).CopyTo(bytes);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), bytes.Length);
            return bytes;
        }

        /// <summary>The beginning of one and the end of another.</summary>
        private static byte[] Spliced(byte[] first, byte[] second, Random random)
        {
            byte[] spliced = [.. first.AsSpan(0, random.Next(first.Length)), .. second.AsSpan(random.Next(second.Length))];
            if (spliced.Length >= Record.HeaderSize)
            {
                BinaryPrimitives.WriteInt32LittleEndian(spliced.AsSpan(28), spliced.Length);
            }

            return spliced;
        }
    }

    private static class MapFuzz
    {
        private const int Copies = 3;

        private static readonly BtfType[] _types =
        [
            TestTypes.Get("struct everything"), TestTypes.Get("struct statistics"), LatencyValue(),
        ];

        public static void Once(Random random, out byte[] input)
        {
            BtfType type = _types[random.Next(_types.Length)];
            input = new byte[Copies * type.Size];
            byte[] bytes = input;
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(bytes);
                    break;
                case 1:
                    // Words from the edges of their range.
                    for (int at = 0; at + 8 <= bytes.Length; at += 8)
                    {
                        ulong edge = random.Next(4) switch { 0 => ulong.MaxValue, 1 => long.MaxValue, 2 => 1, _ => 0 };
                        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), edge - (ulong)random.Next(2));
                    }

                    break;
                default:
                    for (int i = random.Next(1, 20); i > 0; i--)
                    {
                        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    }

                    break;
            }

            ReadOnlyMemory<byte>[] copies = Enumerable.Range(0, Copies).Select(i => (ReadOnlyMemory<byte>)bytes.AsMemory(i * type.Size, type.Size)).ToArray();
            Read(MapDecoder.Decode(type, copies[0].Span));
            Read(PerCpuSum.Combine(type, copies));
        }

        private static void Read(object value)
        {
            Assert.NotNull(value.ToString());
            if (Histogram.From(value) is Histogram histogram)
            {
                Assert.NotNull(histogram.ToString());
                Assert.NotNull(histogram.Buckets.ToString());
                foreach (double percent in new[] { 0, 50, 99.9, 100 })
                {
                    histogram.PercentileNs(percent);
                }
            }
        }

        private static BtfType LatencyValue()
        {
            using OpenedBpfObject opened = BuiltObjects.Open("x64", "latency");
            for (int id = 1; ; id++)
            {
                if (opened.Btf.TypeOf(id) is { Text: "struct latency_value" } found)
                {
                    return found;
                }
            }
        }
    }
}
