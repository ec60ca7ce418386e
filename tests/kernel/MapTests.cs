using System.Runtime.InteropServices;
using EbpfPs.Bpf;
using EbpfPs.Interop;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Reading the maps of tests/objects/maps.bpf.c, which are filled from here: every kind, with and without batches.</summary>
public sealed class MapTests : KernelTest
{
    private readonly BpfObject _object;

    public MapTests()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "maps.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("maps", image);
        _object = opened.Load();
    }

    public static TheoryData<bool> Ways => new(true, false);

    [Fact]
    public void EveryMapSaysWhatItIs()
    {
        Assert.Equal(
            [
                "hash Hash struct point/8 struct everything/208 1000",
                "large Hash u32/4 u64/8 50000",
                "lru LruHash char[8]/8 u32/4 100",
                "array Array u32/4 s64/8 300",
                "percpu_array PerCpuArray u32/4 u32/4 3",
                "percpu_hash PerCpuHash u32/4 struct statistics/144 100",
                "lru_percpu_hash LruPerCpuHash u32/4 struct times/96 100",
                "untyped Hash /4 /6 10",
                "queue Queue /0 /4 10",
                "records RingBuffer /0 /0 4096",
                "maps.rodata Array u32/4 .rodata/4 1",
                "maps.data Array u32/4 .data/8 1",
            ],
            _object.Maps().Select(Describe).Select(map => $"{map.Name} {map.Type} {map.KeyType}/{map.KeySize} {map.ValueType}/{map.ValueSize} {map.MaxEntries}")
                .OrderBy(text => text.StartsWith("maps.", StringComparison.Ordinal)));
        Assert.Equal(_object.Maps().Count(), _object.Maps().Select(map => map.ReadId()).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void AHashHasWhatWasPutIn(bool batches)
    {
        BpfMap map = _object.Map("large");
        Assert.Empty(Read(map, batches));
        for (uint key = 0; key < 20_000; key++)
        {
            map.Update(key * 7, (ulong)key);
        }

        Dictionary<uint, ulong> read = Read(map, batches).ToDictionary(entry => MemoryMarshal.Read<uint>(entry.Key), entry => MemoryMarshal.Read<ulong>(entry.Value));

        Assert.Equal(20_000, read.Count);
        Assert.All(read, entry => Assert.Equal(entry.Key, entry.Value * 7));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void AnArrayHasAllItsEntries(bool batches)
    {
        BpfMap map = _object.Map("array");
        map.Update(299u, -5L);

        long[] read = Read(map, batches).Select(entry => MemoryMarshal.Read<long>(entry.Value)).ToArray();

        Assert.Equal(300, read.Length);
        Assert.Equal(-5, read[299]);
        Assert.All(read.SkipLast(1), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task EntriesThatStayAreReadOnceWhileOthersComeAndGo(bool batches)
    {
        BpfMap map = _object.Map("large");
        for (uint key = 0; key < 5_000; key++)
        {
            map.Update(key, 1UL);
        }

        using CancellationTokenSource stop = new();
        Task churn = Task.Run(() =>
        {
            for (uint round = 0; !stop.IsCancellationRequested; round++)
            {
                map.Update(100_000 + (round % 3_000), 2UL);
                map.Delete(100_000 + ((round + 1_500) % 3_000));
            }
        });
        try
        {
            for (int i = 0; i < (Machine.IsEmulated ? 5 : 20); i++)
            {
                uint[] keys = Read(map, batches).Select(entry => MemoryMarshal.Read<uint>(entry.Key)).ToArray();

                Assert.Equal(Enumerable.Range(0, 5_000).Select(key => (uint)key), keys.Where(key => key < 5_000).Order());
            }
        }
        finally
        {
            stop.Cancel();
            await churn;
        }
    }

    [Fact]
    public void KeysAndValuesHaveTheirTypes()
    {
        byte[] value = new byte[208];
        value[8] = 42;
        Put("hash", [3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], value);
        Put("lru", "keyname\0"u8.ToArray(), [7, 0, 0, 0]);
        Put("untyped", [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]);

        MapEntry typed = Assert.Single(Entries("hash"));
        StructValue key = Assert.IsType<StructValue>(typed.Key);
        Assert.Equal((3, -2), (key["x"], key["y"]));
        Assert.Equal(42, Assert.IsType<StructValue>(typed.Value)["number"]);
        Assert.Equal(("hash", null), (typed.Map, typed.Cpu));
        MapEntry text = Assert.Single(Entries("lru"));
        Assert.Equal(("keyname", 7u), (text.Key, text.Value));
        MapEntry bytes = Assert.Single(Entries("untyped"));
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, bytes.Key);
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6 }, bytes.Value);
        Assert.Equal(7u, Assert.IsType<StructValue>(Assert.Single(Entries("maps.rodata")).Value)["knob"]);
        Assert.Equal(42UL, Assert.IsType<StructValue>(Assert.Single(Entries("maps.data")).Value)["counter"]);
    }

    [Fact]
    public void CopiesOfTheCpusAddUpOrComeOneByOne()
    {
        // Each copy is filled up to 8 bytes.
        byte[] copies = new byte[8 * BpfMap.PossibleCpus];
        for (int cpu = 0; cpu < BpfMap.PossibleCpus; cpu++)
        {
            BitConverter.TryWriteBytes(copies.AsSpan(8 * cpu), 4_000_000_000u);
        }

        Put("percpu_array", [1, 0, 0, 0], copies);

        Assert.Equal([0UL, 4_000_000_000UL * (ulong)BpfMap.PossibleCpus, 0UL], Entries("percpu_array").Select(entry => entry.Value));
        MapEntry[] each = Entries("percpu_array", perCpu: true).Where(entry => entry.Key is 1u).ToArray();
        Assert.Equal(Enumerable.Range(0, BpfMap.PossibleCpus).Select(cpu => (int?)cpu), each.Select(entry => entry.Cpu));
        Assert.All(each, entry => Assert.Equal(4_000_000_000u, entry.Value));
        Assert.Equal(3 * BpfMap.PossibleCpus, Entries("percpu_array", perCpu: true).Length);
    }

    [Fact]
    public void AHistogramOfAnyMapIsOne()
    {
        byte[] copies = new byte[96 * BpfMap.PossibleCpus];
        for (int cpu = 0; cpu < BpfMap.PossibleCpus; cpu++)
        {
            ulong[] times = [2, 20, 9, 11, 0, 0, 0, 2, 0, 0, 0, 0];
            MemoryMarshal.AsBytes<ulong>(times).CopyTo(copies.AsSpan(96 * cpu));
        }

        Put("lru_percpu_hash", [5, 0, 0, 0], copies);

        MapEntry entry = Assert.Single(Entries("lru_percpu_hash"));
        Histogram histogram = Histogram.From(entry.Value)!;
        Assert.Equal((2 * BpfMap.PossibleCpus, 20 * BpfMap.PossibleCpus, 9, 11), (histogram.Count, histogram.TotalNs, histogram.MinNs, histogram.MaxNs));
        Assert.Equal([new HistogramBucket(8, 16, 2 * BpfMap.PossibleCpus)], histogram.Buckets);
        Assert.Empty(entry.Labels);
    }

    [Fact]
    public void ARingIsRefusedWithTheReason()
    {
        EbpfException error = Assert.Throws<EbpfException>(() => Entries("records"));

        Assert.Equal(EbpfErrorId.NotSupported, error.Id);
        Assert.Equal("records", error.Target);
        Assert.Contains("a ring has records", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    protected override void Dispose(bool disposing)
    {
        _object.Dispose();
        base.Dispose(disposing);
    }

    private static List<RawEntry> Read(BpfMap map, bool batches) => new MapReader(map).Read(batches).ToList();

    private SessionMap Describe(BpfMap map) => new(null!, "maps", _object, map, null);

    private MapEntry[] Entries(string name, bool perCpu = false) => Describe(_object.Map(name)).Entries(perCpu).ToArray();

    private void Put(string map, byte[] key, byte[] value) =>
        Assert.Equal(0, LibBpf.bpf_map_update_elem(_object.Map(map).Fd, key, value, 0));
}
