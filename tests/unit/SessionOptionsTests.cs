using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class SessionOptionsTests
{
    private static ProbeSpec Exec => ProbeCatalog.Find("exec");

    [Theory]
    [InlineData(4096)]
    [InlineData(8 * 1024 * 1024)]
    [InlineData(1L << 30)]
    public void GoodSizesPass(long size) => new SessionOptions { Probes = [Exec], BufferSize = size }.Validate();

    [Theory]
    [InlineData(0, "4096")]
    [InlineData(-1, "4096")]
    [InlineData(2048, "4096")]
    [InlineData(5000, "8192")]
    [InlineData(1_000_000, "1048576")]
    [InlineData((1L << 30) + 1, "1073741824")]
    [InlineData(1L << 31, "1073741824")]
    [InlineData(long.MaxValue, "1073741824")]
    public void ABadSizeIsRefusedWithAGoodOneNear(long size, string near)
    {
        EbpfException error = Refused(new SessionOptions { Probes = [Exec], BufferSize = size });

        Assert.Equal(size, error.Target);
        Assert.Contains($"-BufferSize {near}.", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void NoProbe()
    {
        EbpfException error = Refused(new SessionOptions { Probes = [] });

        Assert.Contains("exec", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void AProbeTwice()
    {
        EbpfException error = Refused(new SessionOptions { Probes = [Exec, ProbeCatalog.Find("open"), ProbeCatalog.Find("EXEC")] });

        Assert.Equal("exec", error.Target);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((128 * 1024) + 1)]
    public void ArgumentsThatCantBeRead(int length) =>
        Assert.Equal(length, Refused(new SessionOptions { Probes = [Exec], MaxArgumentLength = length }).Target);

    [Fact]
    public void ANegativeDuration() =>
        Refused(new SessionOptions { Probes = [Exec], MinimumDuration = TimeSpan.FromTicks(-1) });

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void AProcessIdThatCantBe(int pid) =>
        Assert.Equal(pid, Refused(With(new ProcessFilter { ProcessIds = [1, pid] })).Target);

    [Fact]
    public void TooManyCgroups() =>
        Refused(With(new ProcessFilter { CgroupPaths = [.. Enumerable.Range(0, 17).Select(i => $"/{i}")] }));

    [Fact]
    public void SixteenCgroupsAreNotTooMany() =>
        With(new ProcessFilter { CgroupPaths = [.. Enumerable.Range(0, 16).Select(i => $"/{i}")] }).Validate();

    [Fact]
    public void TooManyProcesses() =>
        Refused(With(new ProcessFilter { ProcessIds = [.. Enumerable.Range(1, 65537)] }));

    [Fact]
    public void AMalformedName() =>
        Assert.Equal("[x", Refused(With(new ProcessFilter { ProcessNames = ["bash", "[x"] })).Target);

    private static SessionOptions With(ProcessFilter filter) => new() { Probes = [Exec], Filter = filter };

    private static EbpfException Refused(SessionOptions options)
    {
        EbpfException error = Assert.Throws<EbpfException>(options.Validate);
        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.NotEmpty(error.Hint);
        Assert.NotNull(error.Target);
        return error;
    }
}
