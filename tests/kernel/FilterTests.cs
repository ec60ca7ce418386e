using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Whose events come. Every filter but the one that is tested is a process id of the test's own, so that nothing
/// else on the machine can be seen.
/// </summary>
public sealed class FilterTests : KernelTest
{
    private const int Odd = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    [Theory]
    [EachWay]
    public void ProcessIds(string mechanism)
    {
        using GatedWorkload first = GatedWorkload.Start("opening", "odd");
        using GatedWorkload second = GatedWorkload.Start("opening", "odd");
        using GatedWorkload third = GatedWorkload.Start("opening", "odd");
        ProcessFilter filter = new() { ProcessIds = [third.ProcessId, first.ProcessId, third.ProcessId] };
        Recording recording = Record("open", filter, mechanism, first, second, third);

        Assert.Equal(2 * Odd, recording.Events.Count);
        Assert.Equal(
            new[] { first.ProcessId, third.ProcessId }.Order(),
            recording.Events.Select(seen => seen.ProcessId).Distinct().Order());
    }

    [Theory]
    [EachWay("opening", true)]
    [EachWay("OPENING", true)]
    [EachWay("open*", true)]
    [EachWay("*n?ng", true)]
    [EachWay("[m-p]pening", true)]
    [EachWay("openin", false)]
    [EachWay("opening?", false)]
    [EachWay("[a-n]pening", false)]
    public void ProcessNames(string mechanism, string pattern, bool matches)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], ProcessNames = ["no-such-name", pattern] };

        Assert.Equal(matches ? Odd : 0, Record("open", filter, mechanism, workload).Events.Count);
    }

    [Theory]
    [InlineData("a-very-long-program-name", "a-very-long-program-name", true)]
    [InlineData("a-very-long-program-name", "a-very-long-pro", true)]
    [InlineData("a-very-long-program-name", "a-very-long-prx*", false)]
    [InlineData("é😀x", "??X", true)]
    [InlineData("é😀x", "?x", false)]
    [InlineData("é😀x", "é*", true)]
    [InlineData("[odd]*", "`[odd`]`*", true)]
    public void NamesOfAllKinds(string program, string pattern, bool matches)
    {
        string copy = Path.Combine(_folder, program);
        File.Copy(Workload.PathOf("opening"), copy);
        using GatedWorkload workload = GatedWorkload.Start(copy, "odd");
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], ProcessNames = [pattern] };

        Assert.Equal(matches ? Odd : 0, Record("open", filter, null, workload).Events.Count);
    }

    [Theory]
    [EachWay("/bin/true", "true", 1)]
    [EachWay("/bin/true", "execing", 0)]
    [EachWay("/no/such/file", "execing", 1)]
    [EachWay("/no/such/file", "file", 0)]
    public void AnExecHasItsNewNameAndAFailedOneTheOld(string mechanism, string file, string name, int events)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "exec", file, "x");
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], ProcessNames = [name] };

        Assert.Equal(events, Record("exec", filter, mechanism, workload).Events.Count);
    }

    [Theory]
    [EachWay(65534, 1)]
    [EachWay(0, 0)]
    public void UserIds(string mechanism, int user, int events)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "user", "/bin/true", "true");
        ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], UserIds = [(uint)user, 4_000_000_000] };

        Assert.Equal(events, Record("exec", filter, mechanism, workload).Events.Count);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void AllThatAreSetMustAgree(bool pid, bool name, bool user)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using GatedWorkload other = GatedWorkload.Start("execing", "exec", "/no/such/file", "x");
        ProcessFilter filter = new()
        {
            ProcessIds = [pid ? workload.ProcessId : other.ProcessId],
            ProcessNames = [name ? "opening" : "closing"],
            UserIds = [user ? 0U : 1U],
        };

        Assert.Equal(pid && name && user ? Odd : 0, Record("open", filter, null, workload, other).Events.Count);
    }

    [Theory]
    [EachWay]
    public void ThisProcessOnlyWhenAsked(string mechanism)
    {
        string file = Path.Combine(_folder, "looked for by the test itself");
        foreach (bool self in new[] { false, true })
        {
            ProcessFilter filter = new() { ProcessIds = [Environment.ProcessId], IncludeSelf = self };
            Recording recording = Recorder.Record(
                Recorder.Options("open", filter, mechanism),
                () => Assert.Throws<FileNotFoundException>(() => File.OpenRead(file)));

            Assert.Equal(self ? 1 : 0, recording.Of<OpenEvent>().Count(seen => seen.FileName == file));
            Assert.Equal(self, recording.Loss.Produced > 0);
        }
    }

    [Theory]
    [EachWay]
    public void NothingSetIsEverybodyElse(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        Recording recording = Record("open", new ProcessFilter(), mechanism, workload);

        Assert.Equal(Odd, recording.Events.Count(seen => seen.ProcessId == workload.ProcessId));
        Assert.DoesNotContain(recording.Events, seen => seen.ProcessId == Environment.ProcessId);
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static Recording Record(string probe, ProcessFilter filter, string? mechanism, params GatedWorkload[] workloads) =>
        Recorder.Record(Recorder.Options(probe, filter, mechanism), () => Array.ForEach(workloads, workload => workload.Finish()));
}
