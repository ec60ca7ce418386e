using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class OpenEventTests
{
    private const uint CreateForWriting = 0x41;

    private static byte[] Whole => Record.Open("/etc/hosts\n"u8, -100, 7, CreateForWriting, 0x1a4);

    [Fact]
    public void EveryPropertyOfASuccess()
    {
        OpenEvent decoded = OpenEvent.Decode(Whole, Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("open", decoded.Probe);
        Assert.Equal("/etc/hosts\n", decoded.FileName);
        Assert.Equal(-100, decoded.DirectoryDescriptor);
        Assert.Equal(OpenFlags.O_CREAT | OpenFlags.O_WRONLY, decoded.Flags);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            decoded.Mode);
        Assert.Equal(7, decoded.FileDescriptor);
        Assert.Equal(0, decoded.ErrorNumber);
        Assert.Equal("", decoded.ErrorName);
        Assert.Equal(1_234_567, decoded.DurationNs);
        Assert.Equal(TimeSpan.FromTicks(12_345), decoded.Duration);
        Assert.False(decoded.Truncated);
    }

    [Fact]
    public void EveryPropertyOfAFailureThatWasCut()
    {
        byte[] record = Record.Open("relative"u8, 4, -36, 0, 0, EventHeader.Truncated);

        OpenEvent decoded = OpenEvent.Decode(record, Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("relative", decoded.FileName);
        Assert.Equal(4, decoded.DirectoryDescriptor);
        Assert.Equal(OpenFlags.O_RDONLY, decoded.Flags);
        Assert.Equal(UnixFileMode.None, decoded.Mode);
        Assert.Equal(-1, decoded.FileDescriptor);
        Assert.Equal(36, decoded.ErrorNumber);
        Assert.Equal("ENAMETOOLONG", decoded.ErrorName);
        Assert.True(decoded.Truncated);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(-2, 2)]
    public void WithoutADescriptorThereIsNoNumber(int result, int error)
    {
        OpenEvent decoded = OpenEvent.Decode(Record.Open("a"u8, -100, result, 0, 0, EventHeader.NoDescriptor), Record.Context());

        Assert.Equal((-1, error, false), (decoded.FileDescriptor, decoded.ErrorNumber, decoded.Truncated));
    }

    [Fact]
    public void DescriptorZeroIsNoError()
    {
        OpenEvent decoded = OpenEvent.Decode(Record.Open("a"u8, -100, 0, 0, 0), Record.Context());

        Assert.Equal(0, decoded.FileDescriptor);
        Assert.Equal(0, decoded.ErrorNumber);
    }

    [Fact]
    public void ABadPointerHasNoName() =>
        Assert.Equal("", OpenEvent.Decode(Record.Open(default, -100, -14, 0, 0), Record.Context()).FileName);

    [Fact]
    public void ContainersAreAskedForOncePerCgroupInARow()
    {
        Record.FakeNames names = new();
        EventContext context = new(names, "testhost");
        byte[] other = Whole;
        other[16] ^= 1;

        OpenEvent.Decode(Whole, context);
        OpenEvent.Decode(Whole, context);
        Assert.Equal(1, names.ContainerLookups);
        Assert.Equal("container-of-4294967363-8589934659", OpenEvent.Decode(other, context).ContainerId);
        Assert.Equal(2, names.ContainerLookups);

        // On a machine with cgroup v1 hierarchies many processes are in one cgroup v2.
        other[72] ^= 1;
        Assert.Equal("container-of-4294967363-8589934658", OpenEvent.Decode(other, context).ContainerId);
        Assert.Equal(3, names.ContainerLookups);
    }

    [Fact]
    public void UsersAreAskedForOnlyWhenRead()
    {
        Record.FakeNames names = new();

        OpenEvent decoded = OpenEvent.Decode(Whole, new EventContext(names, "testhost"));

        Assert.Equal(0, names.UserLookups);
        Assert.Equal("user-4294967294", decoded.UserName);
        Assert.Equal(1, names.UserLookups);
    }

    [Fact]
    public void CutAtEachOffsetIsRefused()
    {
        HostileRecords.RefusesEveryCut(Whole, OpenEvent.Decode);
        HostileRecords.RefusesEveryHonestCut(Whole, OpenEvent.Decode);
    }

    [Fact]
    public void RandomMutationsGiveAnEventOrAnEbpfException()
    {
        byte[][] seeds = [Whole, Record.Open("x"u8, 3, -2, 0, 0, EventHeader.Truncated), Record.Open(default, -100, -14, 0, 0)];

        (int decoded, int refused) = HostileRecords.Mutate(seeds, 100_000, OpenEvent.Decode);

        Assert.Equal(100_000, decoded + refused);
        Assert.True(decoded > 10_000, $"only {decoded} decoded");
        Assert.True(refused > 10_000, $"only {refused} were refused");
    }
}
