using System.Reflection;
using System.Runtime.CompilerServices;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>What holds for every probe of the catalogue, those that are added later too.</summary>
public sealed class ProbeTests
{
    public static TheoryData<string> Probes() => new(ProbeCatalog.All.Select(probe => probe.Name));

    [Theory]
    [MemberData(nameof(Probes))]
    public void DecodesWhatItsHeaderSays(string name)
    {
        ProbeSpec probe = ProbeCatalog.Find(name);

        EbpfEvent decoded = probe.Decode(Smallest(probe), Record.Context());

        Assert.IsType(probe.EventType, decoded);
        Assert.Equal(name, decoded.Probe);
        Record.AssertHeader(decoded);
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public void CutAtEachOffsetIsRefused(string name)
    {
        ProbeSpec probe = ProbeCatalog.Find(name);

        HostileRecords.RefusesEveryCut(Smallest(probe), probe.Decode);
        HostileRecords.RefusesEveryHonestCut(Smallest(probe), probe.Decode);
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public void RandomMutationsGiveAnEventOrAnEbpfException(string name)
    {
        ProbeSpec probe = ProbeCatalog.Find(name);
        byte[] random = Smallest(probe);
        new Random(3).NextBytes(random.AsSpan(Record.HeaderSize));

        (int decoded, int refused) = HostileRecords.Mutate([Smallest(probe), random], 100_000, probe.Decode);

        Assert.Equal(100_000, decoded + refused);
        Assert.True(decoded > 1_000, $"only {decoded} decoded");
        Assert.True(refused > 1_000, $"only {refused} were refused");
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public void ItsObjectHasTheProgramsThatItsMechanismsName(string name)
    {
        ProbeSpec probe = ProbeCatalog.Find(name);
        Assert.NotEmpty(probe.Mechanisms);
        foreach (string architecture in new[] { "x64", "arm64" })
        {
            using Bpf.OpenedBpfObject obj = BuiltObjects.Open(architecture, name);

            Assert.All(probe.Mechanisms, mechanism => Assert.Subset(obj.ProgramNames.ToHashSet(), mechanism.Programs.ToHashSet()));
        }
    }

    /// <summary>A record without text: the struct alone.</summary>
    private static byte[] Smallest(ProbeSpec probe)
    {
        Type wire = probe.EventType.GetNestedType("Wire", BindingFlags.NonPublic)!;
        byte[] record = new byte[(int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(wire).Invoke(null, null)!];
        Record.WriteHeader(record, probe.Kind, 0);
        return record;
    }
}
