using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Changing the maps of tests/objects/maps.bpf.c by their types.</summary>
public sealed class MapWriterTests : KernelTest
{
    private readonly BpfObject _object;

    public MapWriterTests()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "maps.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("maps", image);
        _object = opened.Load();
    }

    [Fact]
    public void AStructIsSetMemberByMember()
    {
        Dictionary<string, object> key = new() { ["x"] = 3, ["y"] = -2 };
        using MapWriter writer = Map("hash").OpenWriter();
        writer.Set(key, new Dictionary<string, object?>
        {
            ["number"] = -42,
            ["text"] = "hello",
            ["colour"] = "BLUE",
            ["nested"] = new Dictionary<string, object> { ["x"] = 1, ["y"] = 2 },
            ["far_bits"] = (1L << 40) - 1,
            ["signed_bits"] = -16,
            ["flag"] = true,
            ["ratio"] = 1.5,
            ["halves"] = new[] { 1, 2 },
        });

        // What isn't named stays.
        writer.Set(key, new Dictionary<string, object> { ["number"] = 7 });
        StructValue value = Assert.IsType<StructValue>(Assert.Single(Map("hash").Entries()).Value);
        Assert.Equal((7, "hello", "BLUE", true), (value["number"], value["text"], value["colour"], value["flag"]));
        Assert.Equal(((1UL << 40) - 1, -16, 1.5f, 0x20001u), (value["far_bits"], value["signed_bits"], value["ratio"], value["whole"]));
        Assert.Equal((1, 2), (((StructValue)value["nested"]!)["x"], ((StructValue)value["nested"]!)["y"]));
        Assert.True(writer.Remove(key));
        Assert.False(writer.Remove(key));
    }

    [Fact]
    public void EveryCpuGetsTheValue()
    {
        using MapWriter writer = Map("percpu_array").OpenWriter();
        writer.Set(1, 5);

        Assert.Equal(Enumerable.Repeat((object)5u, BpfMap.PossibleCpus), Map("percpu_array").Entries(perCpu: true).Where(entry => entry.Key is 1u).Select(entry => entry.Value));
    }

    [Fact]
    public void TextAndBytesGoIntoTheirMaps()
    {
        using MapWriter text = Map("lru").OpenWriter();
        text.Set("name", "0xff");
        using MapWriter bytes = Map("untyped").OpenWriter();
        bytes.Set(258, "0102030405ff");

        MapEntry one = Assert.Single(Map("lru").Entries());
        Assert.Equal(("name", 255u), (one.Key, one.Value));
        MapEntry other = Assert.Single(Map("untyped").Entries());
        Assert.Equal(new byte[] { 2, 1, 0, 0 }, other.Key);
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 255 }, other.Value);
    }

    [Fact]
    public void AFrozenMapIsRefusedWithTheCause()
    {
        Assert.True(Map("maps.rodata").IsFrozen);
        using MapWriter writer = Map("maps.rodata").OpenWriter();

        EbpfException error = Assert.Throws<EbpfException>(() => writer.Set(0, new Dictionary<string, object> { ["knob"] = 8 }));
        Assert.Equal((EbpfErrorId.PermissionDenied, "EPERM"), (error.Id, error.ErrnoName));
        Assert.Contains("is frozen (BPF_MAP_FREEZE)", error.Message, StringComparison.Ordinal);
        Assert.Equal(7u, ((StructValue)Assert.Single(Map("maps.rodata").Entries()).Value)["knob"]);
    }

    [Fact]
    public void AFullMapSaysHowManyFit()
    {
        using MapWriter writer = Map("untyped").OpenWriter();
        for (int i = 0; i < 10; i++)
        {
            writer.Set(i, new byte[6]);
        }

        EbpfException error = Assert.Throws<EbpfException>(() => writer.Set(10, new byte[6]));
        Assert.Equal((EbpfErrorId.OutOfResources, "E2BIG"), (error.Id, error.ErrnoName));
        Assert.Contains("10 entries fit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnArrayHasAnEndAndLosesNothing()
    {
        using MapWriter writer = Map("array").OpenWriter();
        writer.Set(299, -5);

        Assert.Contains("ends at 299", Assert.Throws<EbpfException>(() => writer.Set(300, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("an array has all its entries", Assert.Throws<EbpfException>(() => writer.Remove(299)).Message, StringComparison.Ordinal);
        Assert.Equal(-5L, Map("array").Entries().Last().Value);
    }

    protected override void Dispose(bool disposing)
    {
        _object.Dispose();
        base.Dispose(disposing);
    }

    private SystemMap Map(string name) => MapCatalog.Find(_object.Map(name).ReadId(), new SystemListing());
}
