using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Maps that are no hashes or arrays of values, as the system shows them to another process: by number, with types from the kernel.</summary>
public sealed class MapKindTests : KernelTest
{
    private readonly BpfObject _object;

    public MapKindTests()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "kinds.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("kinds", image);
        if (Environment.OSVersion.Version < BloomFactAttribute.Since)
        {
            opened.LeaveOutMap("bloom");
        }

        _object = opened.Load();
    }

    [Theory]
    [InlineData("routes", "10.0.0.0/8", "10.1.2.3", "10.1.2.3/32")]
    [InlineData("untyped_routes", "0.0.0.0/0", "192.168.0.0/16", "192.168.0.0/16")]
    [InlineData("routes6", "fd00::/8", "2001:db8::1", "2001:db8::1/128")]
    public void KeysOfTriesAreAddressesWithTheirPrefix(string name, string network, string host, string hostKey)
    {
        using MapWriter writer = Map(name).OpenWriter();
        writer.Set(network, 1);
        writer.Set(host, 2);

        Dictionary<string, MapEntry> entries = Entries(name).ToDictionary(entry => Assert.IsType<string>(entry.Key));
        Assert.Equal(new[] { network, hostKey }.Order(StringComparer.Ordinal), entries.Keys.Order(StringComparer.Ordinal));
        if (name != "untyped_routes")
        {
            Assert.Equal(2u, entries[hostKey].Value);
        }

        Assert.True(writer.Remove(network));
        Assert.False(writer.Remove(network));
        Assert.Equal([hostKey], Entries(name).Select(entry => entry.Key));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("fd00::/8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("example")]
    public void OtherTextIsNoKeyOfATrie(string key)
    {
        using MapWriter writer = Map("routes").OpenWriter();

        EbpfException error = Assert.Throws<EbpfException>(() => writer.Set(key, 1));
        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.Contains($"'{key}' is no IPv4 address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATrieWithMoreThanAnAddressInItsKeyHasAStruct()
    {
        using MapWriter writer = Map("zones").OpenWriter();
        writer.Set(new Dictionary<string, object> { ["prefixlen"] = 24, ["zone"] = 7, ["address"] = new byte[] { 10, 0 } }, 1);

        StructValue key = Assert.IsType<StructValue>(Assert.Single(Entries("zones")).Key);
        Assert.Equal((24u, (ushort)7), (key["prefixlen"], key["zone"]));
        Assert.Equal(new byte[] { 10, 0 }, key["address"]);
    }

    [Theory]
    [InlineData("first_out", 1u, 2u)]
    [InlineData("last_out", 3u, 2u)]
    public void OfAQueueOrStackTheNextOneIsSeenAndStaysIn(string name, uint next, uint afterwards)
    {
        Assert.Empty(Entries(name));
        using MapWriter writer = Map(name).OpenWriter();
        for (int i = 1; i <= 3; i++)
        {
            writer.Set(null, new byte[] { (byte)i, 0, 0, 0 });
        }

        for (int i = 0; i < 2; i++)
        {
            MapEntry entry = Assert.Single(Entries(name));
            Assert.Null(entry.Key);
            Assert.Equal(BitConverter.GetBytes(next), entry.Value);
        }

        Assert.True(writer.Remove(null));
        Assert.Equal(BitConverter.GetBytes(afterwards), Assert.Single(Entries(name)).Value);
        Assert.True(writer.Remove(null));
        Assert.True(writer.Remove(null));
        Assert.False(writer.Remove(null));
        Assert.Throws<EbpfException>(() => writer.Set(1, 1));
    }

    [Fact]
    public void MapsInMapsAreNumbersOfMaps()
    {
        int one = Id("inner_one"), two = Id("inner_two");
        Assert.Equal([(0u, (uint)one), (2u, (uint)two)], Entries("outer_array").Select(entry => ((uint)entry.Key!, (uint)entry.Value)));
        using MapWriter writer = Map("outer_hash").OpenWriter();
        writer.Set(77, Map("inner_two"));
        writer.Set(78, one);

        // libbpf gives the kernel no types of such maps.
        Assert.Equal([(77UL, (uint)two), (78UL, (uint)one)], Entries("outer_hash").Select(entry => (Number(entry.Key), (uint)entry.Value)).Order());
        Assert.True(writer.Remove(77));
        Assert.Equal([78UL], Entries("outer_hash").Select(entry => Number(entry.Key)));
        Assert.Contains("is no map", Assert.Throws<EbpfException>(() => writer.Set(1, "x")).Message, StringComparison.Ordinal);
        Assert.Equal(EbpfErrorId.NotFound, Assert.Throws<EbpfException>(() => writer.Set(1, int.MaxValue)).Id);
    }

    [Fact]
    public void AnArrayOfProgramsHasTheirNumbers()
    {
        SystemProgram program = ProgramCatalog.Quickly().Last(one => one.Name == "traced");
        using MapWriter writer = Map("programs").OpenWriter();
        writer.Set(1, program);

        MapEntry entry = Assert.Single(Entries("programs"));
        Assert.Equal((1u, (uint)program.Id), (entry.Key, entry.Value));
    }

    [BloomFact]
    public void ABloomFilterIsRefusedWithTheReason()
    {
        const string name = "bloom";
        const string reason = "a Bloom filter can say whether it may have a value";
        foreach (Action refused in new Action[] { () => Entries(name), () => Write(name), () => Take(name) })
        {
            EbpfException error = Assert.Throws<EbpfException>(refused);
            Assert.Equal((EbpfErrorId.NotSupported, name), (error.Id, error.Target));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.NotEmpty(error.Hint);
        }
    }

    [Fact]
    public void AMapOfManyBatchesIsReadWhole()
    {
        int count = Machine.IsEmulated ? 100_000 : 1_000_000;
        Fill("million", count);
        int calls = 0;
        long sum = 0;
        foreach (MapEntry entry in Map("million").Entries())
        {
            calls++;
            Assert.Equal((ulong)entry.Key! + 1, entry.Value);
            sum += (long)(ulong)entry.Key;
        }

        Assert.Equal((count, (long)count * (count - 1) / 2), (calls, sum));
    }

    [Fact]
    public void AMapThatHasGoneSaysSo()
    {
        SystemMap map = Map("routes");
        _object.Dispose();
        EbpfException? error = null;

        // The kernel frees a map after an RCU grace period.
        for (int i = 0; i < 500 && error is null; i++)
        {
            error = Record.Exception(() => map.Entries().ToArray()) as EbpfException;
            Thread.Sleep(10);
        }

        Assert.Equal((EbpfErrorId.NotFound, (object)map.Id), (error!.Id, error.Target!));
        Assert.Equal("routes", map.Name);
    }

    protected override void Dispose(bool disposing)
    {
        _object.Dispose();
        base.Dispose(disposing);
    }

    private static ulong Number(object? bytes) => BitConverter.ToUInt64(Assert.IsType<byte[]>(bytes));

    private int Id(string name) => _object.Map(name).ReadId();

    private SystemMap Map(string name) => MapCatalog.Find(Id(name), new SystemListing());

    private MapEntry[] Entries(string name) => Map(name).Entries().ToArray();

    private void Write(string name)
    {
        using MapWriter writer = Map(name).OpenWriter();
        writer.Set(1, 1);
    }

    private void Take(string name)
    {
        using MapWriter writer = Map(name).OpenWriter();
        writer.Remove(1);
    }

    private void Fill(string name, int count)
    {
        BpfMap map = _object.Map(name);
        for (ulong key = 0; key < (ulong)count; key++)
        {
            map.Update(key, key + 1);
        }
    }
}
