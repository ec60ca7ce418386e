using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Arguments that are many, long, odd or missing; `long` of tests/workloads/execing.c says what they are.</summary>
public sealed class ExecArgumentTests : KernelTest
{
    private const int OneHundredKib = 100 * 1024;
    private const int Longest = SessionOptions.LongestArguments;

    /// <summary>Bytes of the workload's first argument, its own name, with NUL.</summary>
    private const int NameLength = 5;

    [Theory]
    [EachWay]
    public void OneHundredKibibytesAreWhole(string mechanism) =>
        AssertWhole(Exec(mechanism, 4, (OneHundredKib / 4) - 1), 4, (OneHundredKib / 4) - 1);

    [Theory]
    [InlineData(26 * 1024)]
    [InlineData((26 * 1024) + 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(128 * 1024)]
    public void EachRoomHoldsWhatItShould(int total) =>
        AssertWhole(Exec(null, 1, total - NameLength - 1), 1, total - NameLength - 1);

    [Fact]
    public void OneByteMoreThanTheMostIsFlagged()
    {
        ExecEvent seen = Exec(null, 2, 65533);

        Assert.Equal(NameLength + (2 * 65534), seen.ArgumentLength);
        Assert.True(seen.Truncated);
        AssertBegin(seen, 2, 65533, Longest);
    }

    [Theory]
    [EachWay]
    public void OneMegabyteIsFlaggedWithItsLength(string mechanism)
    {
        ExecEvent seen = Exec(mechanism, 10, 99_999);

        Assert.Equal(NameLength + 1_000_000, seen.ArgumentLength);
        Assert.True(seen.Truncated);
        AssertBegin(seen, 10, 99_999, Longest);
    }

    [Theory]
    [InlineData(64 * 1024, 26 * 1024)]
    [InlineData(128 * 1024, 64 * 1024)]
    [InlineData(256 * 1024, 100_000)]
    public void ARingWithoutRoomForThemCutsThemButNotTheEvent(int ring, int atLeast)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "long", "/bin/true", "1", "99994");
        Recording recording = Recorder.Record(
            new SessionOptions
            {
                Probes = [ProbeCatalog.Find("exec")],
                Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
                BufferSize = ring,
            },
            () => workload.Finish());

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal(100_000, seen.ArgumentLength);
        Assert.Equal(atLeast < 100_000, seen.Truncated);
        AssertBegin(seen, 1, 99_994, atLeast);
        Assert.Equal((1, 1, 0), (recording.Loss.Produced, recording.Loss.Delivered, recording.Loss.RingFull));
        Assert.Equal(atLeast < 100_000 ? 1 : 0, recording.Loss.Truncated);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(50_000)]
    public void TheKnobSaysHowMuchIsRead(int most)
    {
        ExecEvent seen = Exec(null, 1, 59_994, most);

        Assert.Equal(60_000, seen.ArgumentLength);
        Assert.True(seen.Truncated);
        AssertBegin(seen, 1, 59_994, most);
    }

    [Theory]
    [EachWay]
    public void OddBytesComeThroughWhole(string mechanism)
    {
        foreach (string file in new[] { "/bin/true", "/no/such/file" })
        {
            ExecEvent seen = Single(mechanism, "odd", file);

            Assert.Equal(
                ["odd", "", "line\nfeed", "\u001b[31mred", "it's \"quoted\"", KernelText.FromBytes([0xff, 0xfe, 0xc3, (byte)'(']), "日", " "],
                seen.ArgumentList);
            Assert.False(seen.Truncated);
        }
    }

    [Theory]
    [EachWay("none")]
    [EachWay("null")]
    public void NoArgumentsBecomeOneEmptyOne(string mechanism, string how)
    {
        // Linux 5.18 puts an empty name where there is none (fs/exec.c, bprm_stack_limits and do_execveat_common), and so
        // do stable kernels that are older: 5.10 from 5.10.110 on.
        ExecEvent seen = Single(mechanism, how, "/bin/true");
        Assert.Equal(KernelVersion >= new Version(5, 18) || seen.ArgumentList.Length > 0 ? [""] : [], seen.ArgumentList);

        ExecEvent failed = Single(mechanism, how, "/no/such/file");
        Assert.Empty(failed.ArgumentList);
        Assert.False(failed.Truncated);
    }

    [Theory]
    [EachWay]
    public void PointersThatCantBeReadAreNotTakenForTheEnd(string mechanism)
    {
        // Before Linux 5.18 the kernel itself has counted them by then, and so made them resident.
        string store = Path.GetTempFileName();
        try
        {
            ExecEvent seen = Single(mechanism, "cold-arguments", "/no/such/file", store);
            Assert.Equal("ENOENT", seen.ErrorName);
            Assert.Equal(seen.ArgumentList.Length == 0, seen.Truncated);
        }
        finally
        {
            File.Delete(store);
        }
    }

    [Theory]
    [EachWay]
    public void AnArgumentThatTheKernelFindsTooLongIsCut(string mechanism)
    {
        ExecEvent seen = Exec(mechanism, 1, 200_000);

        Assert.Equal("E2BIG", seen.ErrorName);
        Assert.True(seen.Truncated);
        AssertBegin(seen, 1, 200_000, 8000);
    }

    [Theory]
    [EachWay(255, false)]
    [EachWay(256, true)]
    [EachWay(1000, true)]
    public void AFailedCallHasTwoHundredAndFiftySixArguments(string mechanism, int count, bool truncated)
    {
        ExecEvent seen = Exec(mechanism, count, 7, file: "/no/such/file");

        Assert.Equal(256, seen.ArgumentList.Length);
        Assert.Equal(truncated, seen.Truncated);
        AssertBegin(seen, count, 7, NameLength + (255 * 8));
    }

    [Theory]
    [EachWay]
    public void AFailedCallHasAtLeastEighteenKibibytes(string mechanism)
    {
        ExecEvent seen = Exec(mechanism, 10, 4000, file: "/no/such/file");

        Assert.True(seen.Truncated);
        AssertBegin(seen, 10, 4000, 18 * 1024);
    }

    private static Version KernelVersion => Environment.OSVersion.Version;

    private static ExecEvent Exec(string? mechanism, int count, int length, int most = Longest, string file = "/bin/true") =>
        Single(mechanism, most, "long", file, Text(count), Text(length));

    private static ExecEvent Single(string? mechanism, params string[] how) => Single(mechanism, Longest, how);

    private static ExecEvent Single(string? mechanism, int most, params string[] how)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", how);
        SessionOptions options = new()
        {
            Probes = [ProbeCatalog.Find("exec")],
            Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
            Mechanism = mechanism,
            MaxArgumentLength = most,
        };
        return Assert.Single(Recorder.Record(options, () => workload.Finish()).Of<ExecEvent>());
    }

    private static void AssertWhole(ExecEvent seen, int count, int length)
    {
        Assert.Equal(Expected(count, length), seen.ArgumentList);
        Assert.Equal(NameLength + (count * (length + 1)), seen.ArgumentLength);
        Assert.False(seen.Truncated);
    }

    /// <summary>The list is a beginning of what was passed, of at least so many bytes.</summary>
    private static void AssertBegin(ExecEvent seen, int count, int length, int atLeast)
    {
        string all = string.Concat(Expected(count, length).Select(argument => argument + "\0"));
        string list = string.Join('\0', seen.ArgumentList);

        Assert.True(all.StartsWith(list, StringComparison.Ordinal), $"{seen.ArgumentList.Length} arguments are not the first ones");
        Assert.InRange(list.Length, Math.Max(0, atLeast - 1), all.Length);
    }

    private static string[] Expected(int count, int length) =>
        ["long", .. Enumerable.Range(1, count).Select(i => new string((char)('a' + (i % 26)), length))];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
