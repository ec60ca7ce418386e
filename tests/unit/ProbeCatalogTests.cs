using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class ProbeCatalogTests
{
    [Fact]
    public void NamesAndKindsAreEachOfOneProbe()
    {
        Assert.Equal(ProbeCatalog.All.Count, ProbeCatalog.All.Select(probe => probe.Name).Distinct().Count());
        Assert.Equal(ProbeCatalog.All.Count, ProbeCatalog.All.Select(probe => probe.Kind).Distinct().Count());
    }

    [Fact]
    public void EveryProbeSaysWhatItDoes() => Assert.All(ProbeCatalog.All, probe =>
    {
        Assert.NotEmpty(probe.Description);
        Assert.True(probe.EventType.IsAssignableTo(typeof(EbpfEvent)) && probe.EventType.IsSealed);
        Assert.Equal(probe.Name, probe.ToString());
    });

    [Theory]
    [InlineData("exec")]
    [InlineData("EXEC")]
    [InlineData("Open")]
    public void FindsByNameInAnyCase(string name) =>
        Assert.Equal(name, ProbeCatalog.Find(name).Name, ignoreCase: true);

    [Theory]
    [InlineData("exc", "exec")]
    [InlineData("exce", "exec")]
    [InlineData("opne", "open")]
    [InlineData("OPENN", "open")]
    [InlineData("exits", "exit")]
    public void AsksForTheOneThatWasMeant(string name, string meant)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeCatalog.Find(name));

        Assert.Equal(EbpfErrorId.NotFound, error.Id);
        Assert.Equal(name, error.Target);
        Assert.StartsWith($"Did you mean '{meant}'?", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("zzzzzzzzzz")]
    public void SaysWhatThereIsWhenNothingIsNear(string name)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeCatalog.Find(name));

        Assert.DoesNotContain("Did you mean", error.Hint, StringComparison.Ordinal);
        Assert.All(ProbeCatalog.All, probe => Assert.Contains(probe.Name, error.Hint, StringComparison.Ordinal));
    }
}
