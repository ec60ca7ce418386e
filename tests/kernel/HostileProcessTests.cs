using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Processes that change what is read while it is read, and that pass as much as the kernel takes. OpenTests,
/// ExecArgumentTests and the Pester tests of the views have the bytes that are odd by themselves.
/// </summary>
public sealed class HostileProcessTests : KernelTest
{
    private const int Waits = 10;

    /// <summary>ARGUMENT of tests/workloads/hostile.c.</summary>
    private const int ArgumentLength = 12_000;

    /// <summary>Fewer where a call takes long: the thread that renames makes calls all that time, and Linux 7 may skip runs for each.</summary>
    private static readonly int _times = Machine.IsEmulated ? 50 : 300;

    [Theory]
    [EachWay]
    [Trait("Load", "heavy")]
    public void ArgumentsThatAreRewrittenMeanwhileAreThoseThatTheProgramGot(string mechanism)
    {
        (Recording recording, string output) = Record("exec", mechanism, "hostile", "arguments", $"{_times}", "/bin/echo");
        string[] printed = output.Split('\n');

        // The tracer reads the new program's own stack, which nobody else can write to.
        Assert.Equal(_times, printed.Length);
        Assert.Equal(printed, recording.Of<ExecEvent>().Select(seen => seen.ArgumentList[1]));
        AssertRewritten(printed);
    }

    [Theory]
    [EachWay]
    public void ArgumentsOfAFailedCallThatAreRewrittenMeanwhileAreOldOrNewOrAMixture(string mechanism)
    {
        (Recording recording, _) = Record("exec", mechanism, "hostile", "arguments", $"{_times}", "/no/such/file");

        // Read where the call returns: a mixture of old and new bytes may be in it, and nothing else.
        ExecEvent[] events = recording.Of<ExecEvent>();
        AssertAll(events, recording);
        Assert.All(events, seen =>
        {
            Assert.Equal(("ENOENT", "/no/such/file"), (seen.ErrorName, seen.ArgumentList[0]));
            Assert.Matches("^[ab]*$", seen.ArgumentList.ElementAtOrDefault(1) ?? "");
            Assert.InRange(seen.ArgumentList.Sum(argument => argument.Length), 0, ArgumentLength + "/no/such/file".Length);
        });
        Assert.Contains(events, seen => seen.ArgumentList.Length > 1 && seen.ArgumentList[1].Length > 0);
        AssertRewritten(events.Select(seen => string.Join(' ', seen.ArgumentList)));
    }

    /// <summary>The call waits for the other end of a FIFO: it has begun with one text and can't return before the other is there.</summary>
    [Theory]
    [EachWay]
    public void APathAndANameThatAreRewrittenWhileTheCallWaitsAreThoseAtItsReturn(string mechanism)
    {
        const string Rewritten = "/what/it/says/at/the/return";
        string fifo = Path.Combine(Path.GetTempPath(), $"ebpfps-{Guid.NewGuid():N}");
        (Recording recording, _) = Record("open", mechanism, "hostile", "fifo", $"{Waits}", fifo, Rewritten);

        ILookup<bool, OpenEvent> byMainThread = recording.Of<OpenEvent>().ToLookup(seen => seen.ThreadId == seen.ProcessId);
        Assert.Equal(
            Enumerable.Repeat((Rewritten, "renamed", 0), Waits),
            byMainThread[true].Select(seen => (seen.FileName, seen.ProcessName, seen.ErrorNumber)));
        Assert.Equal(Enumerable.Repeat((fifo, 0), Waits), byMainThread[false].Select(seen => (seen.FileName, seen.ErrorNumber)));
    }

    [Theory]
    [EachWay]
    public void APathThatIsRewrittenMeanwhileIsOldOrNewOrAMixture(string mechanism)
    {
        (Recording recording, _) = Record("open", mechanism, "hostile", "path", $"{_times}");

        OpenEvent[] events = recording.Of<OpenEvent>();
        AssertAll(events, recording);
        Assert.All(events, seen => Assert.Matches("^/dev/[nz][ue][lr][lo]$", seen.FileName));
        AssertRewritten(events.Select(seen => seen.FileName));
    }

    [Theory]
    [EachWay]
    public void ANameThatAnotherThreadChangesMeanwhileIsOldOrNewOrAMixture(string mechanism)
    {
        (Recording recording, _) = Record("open", mechanism, "hostile", "name", $"{_times}");

        OpenEvent[] events = recording.Of<OpenEvent>();
        AssertAll(events, recording);
        Assert.All(events, seen => Assert.Matches("^[ab]{15}$", seen.ProcessName));
        AssertRewritten(events.Select(seen => seen.ProcessName));
    }

    [Theory]
    [EachWay]
    public void AProgramWithAPathOf4095BytesIsSeenWhole(string mechanism)
    {
        string file = string.Concat(Enumerable.Repeat("/.", (4095 - "/bin/true".Length) / 2)) + "/bin/true";
        Assert.Equal(4095, file.Length);
        (Recording recording, _) = Record("exec", mechanism, "execing", "exec", file, "true");

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal((file, 0, false), (seen.FileName, seen.ErrorNumber, seen.Truncated));
        Assert.Equal(["true"], seen.ArgumentList);
    }

    [Theory]
    [EachWay]
    public void AsManyArgumentsAsTheKernelTakesAreCutAndSaySo(string mechanism)
    {
        // A quarter of the stack's limit of 8 MiB is what execve(2) takes.
        const int Count = 15, Length = 131_000;
        (Recording recording, _) = Record("exec", mechanism, "execing", "long", "/bin/true", $"{Count}", $"{Length}");

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal((0, true), (seen.ErrorNumber, seen.Truncated));
        Assert.Equal("long".Length + 1 + (Count * (Length + 1)), seen.ArgumentLength);
        Assert.Equal(SessionOptions.LongestArguments, seen.ArgumentList.Sum(argument => argument.Length + 1) - 1);
        Assert.Equal(1, recording.Loss.Truncated);
    }

    /// <summary>The workload makes sure that between two calls something is rewritten; what each call finds is chance, but not of all.</summary>
    private static void AssertRewritten(IEnumerable<string> texts) =>
        Assert.True(texts.Distinct().Count() > 1, "every event has the same text: nothing was rewritten");

    private static void AssertAll(EbpfEvent[] events, Recording recording) =>
        Assert.InRange(events.Length, _times - Recorder.Skipped(recording.Loss), _times);

    private static (Recording Recording, string Output) Record(string probe, string mechanism, string program, params string[] arguments)
    {
        (Recording recording, string output) = Recorder.RecordWhole(probe, mechanism, program, arguments);
        Assert.Equal(0, Recorder.LostNotSkipped(recording.Loss));
        return (recording, output);
    }
}
