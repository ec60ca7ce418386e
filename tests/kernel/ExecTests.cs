using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

public sealed class ExecTests : KernelTest
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    [Theory]
    [EachWay]
    public void EveryPropertyOfASuccess(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "exec", "/bin/true", "true", "--one", "two words");
        Recording recording = Record(mechanism, workload);

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        AssertTask(seen, workload.ProcessId, "true", recording);
        Assert.Equal("/bin/true", seen.FileName);
        Assert.Equal(["true", "--one", "two words"], seen.ArgumentList);
        Assert.Equal("true --one 'two words'", seen.CommandLine);
        Assert.Equal(0, seen.ErrorNumber);
        Assert.Equal("", seen.ErrorName);
        Assert.Equal(21, seen.ArgumentLength);
        Assert.False(seen.Truncated);
        Assert.Equal((1, 1, 0, 0), (recording.Loss.Produced, recording.Loss.Delivered, Recorder.LostNotSkipped(recording.Loss), recording.Loss.Truncated));
    }

    [Theory]
    [EachWay]
    public void EveryPropertyOfAFailure(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "exec", "/no/such/file", "nothing", "", "two words");
        Recording recording = Record(mechanism, workload);

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        AssertTask(seen, workload.ProcessId, "execing", recording);
        Assert.Equal("/no/such/file", seen.FileName);
        Assert.Equal(["nothing", "", "two words"], seen.ArgumentList);
        Assert.Equal("nothing '' 'two words'", seen.CommandLine);
        Assert.Equal(2, seen.ErrorNumber);
        Assert.Equal("ENOENT", seen.ErrorName);
        Assert.Equal(0, seen.ArgumentLength);
        Assert.False(seen.Truncated);
        Assert.Equal((1, 1, 0, 0), (recording.Loss.Produced, recording.Loss.Delivered, Recorder.LostNotSkipped(recording.Loss), recording.Loss.Truncated));
    }

    [Theory]
    [EachWay("exec", "/etc/passwd", "EACCES")]
    [EachWay("exec", "/dev/null/x", "ENOTDIR")]
    [EachWay("exec", "/proc/self", "EACCES")]
    [EachWay("exec", "", "ENOENT")]
    [EachWay("relative-at", "no-such-file", "ENOENT")]
    public void AFailureSaysWhy(string mechanism, string how, string file, string errorName)
    {
        ExecEvent seen = Single(mechanism, how, file, "name", "argument");

        Assert.Equal(errorName, seen.ErrorName);
        Assert.Equal(file, seen.FileName);
        Assert.Equal(["name", "argument"], seen.ArgumentList);
        Assert.Equal("execing", seen.ProcessName);
    }

    [Theory]
    [EachWay]
    public void AFileThatIsNoProgramIsENOEXEC(string mechanism)
    {
        string file = Executable("garbage", "no program at all");

        ExecEvent seen = Single(mechanism, "exec", file, "garbage");

        Assert.Equal(("ENOEXEC", file, "execing"), (seen.ErrorName, seen.FileName, seen.ProcessName));
    }

    [Theory]
    [EachWay]
    public void BadPointersAreEFAULT(string mechanism)
    {
        ExecEvent file = Single(mechanism, "bad-file", "unused");
        Assert.Equal(("EFAULT", ""), (file.ErrorName, file.FileName));
        Assert.Equal("odd", file.ArgumentList[0]);

        ExecEvent arguments = Single(mechanism, "bad-arguments", "/bin/true");
        Assert.Equal(("EFAULT", "/bin/true"), (arguments.ErrorName, arguments.FileName));
        Assert.Empty(arguments.ArgumentList);
    }

    [Theory]
    [EachWay]
    public void AScriptIsItsFileAndItsInterpretersArguments(string mechanism)
    {
        string script = Executable("script.sh", "#!/bin/sh -e\nexit 0\n");

        ExecEvent seen = Single(mechanism, "exec", script, "replaced", "argument");

        Assert.Equal((script, "script.sh", 0), (seen.FileName, seen.ProcessName, seen.ErrorNumber));
        Assert.Equal(["/bin/sh", "-e", script, "argument"], seen.ArgumentList);
    }

    [Theory]
    [EachWay]
    public void AScriptWithoutItsInterpreterFails(string mechanism)
    {
        string script = Executable("script", "#!/no/such/interpreter\n");

        ExecEvent seen = Single(mechanism, "exec", script, "script");

        Assert.Equal((script, "ENOENT", "execing"), (seen.FileName, seen.ErrorName, seen.ProcessName));
    }

    [Theory]
    [EachWay]
    public void ExecveatOfADescriptorIsItsPathInDev(string mechanism)
    {
        ExecEvent seen = Single(mechanism, "at", "/bin/true", "true", "argument");

        Assert.Matches("^/dev/fd/[0-9]+$", seen.FileName);
        Assert.Equal(["true", "argument"], seen.ArgumentList);
        Assert.Equal(0, seen.ErrorNumber);
    }

    [Theory]
    [EachWay]
    public void AThreadThatIsNotTheLeaderExecutesUnderTheLeadersPid(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "thread", "/bin/true", "true");
        Recording recording = Record(mechanism, workload);

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        AssertTask(seen, workload.ProcessId, "true", recording);
        Assert.Equal(0, Recorder.LostNotSkipped(recording.Loss));
    }

    [Theory]
    [EachWay]
    public void AThreadThatFailsToExecuteIsNamedItself(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "thread", "/no/such/file", "x");

        ExecEvent seen = Assert.Single(Record(mechanism, workload).Of<ExecEvent>());

        Assert.Equal((workload.ProcessId, "not-the-leader", "ENOENT"), (seen.ProcessId, seen.ProcessName, seen.ErrorName));
        Assert.NotEqual(seen.ProcessId, seen.ThreadId);
    }

    [Theory]
    [EachWay]
    public void AnotherUserIsTheOneWhoCalls(string mechanism)
    {
        ExecEvent seen = Single(mechanism, "user", "/bin/true", "true");

        Assert.Equal((65534U, "nobody", 65533U), (seen.UserId, seen.UserName, seen.GroupId));
    }

    [Theory]
    [EachWay]
    public void InAnotherPidNamespaceItHasOurPids(string mechanism)
    {
        using GatedWorkload unshare = GatedWorkload.Start(
            "/usr/bin/unshare", "-pf", Workload.PathOf("execing"), "exec", "/bin/true", "true");
        int child = Machine.ChildOf(unshare.ProcessId);
        Recording recording = Recorder.Record(
            Recorder.Options("exec", new ProcessFilter { ProcessIds = [child] }, mechanism), () => unshare.Finish());

        ExecEvent seen = Assert.Single(recording.Of<ExecEvent>());
        Assert.Equal((child, child, unshare.ProcessId), (seen.ProcessId, seen.ThreadId, seen.ParentProcessId));
        Assert.Equal(("true", "unshare"), (seen.ProcessName, seen.ParentProcessName));
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static void AssertTask(ExecEvent seen, int pid, string name, Recording recording)
    {
        Assert.Equal("exec", seen.Probe);
        Assert.Equal((pid, pid, Environment.ProcessId), (seen.ProcessId, seen.ThreadId, seen.ParentProcessId));
        Assert.Equal(name, seen.ProcessName);
        Assert.Equal(Machine.NameOf(Environment.ProcessId), seen.ParentProcessName);
        Assert.Equal((0U, "root", 0U), (seen.UserId, seen.UserName, seen.GroupId));
        Assert.Equal(Machine.CgroupIdOf(Environment.ProcessId), seen.CgroupId);
        Assert.Equal("", seen.ContainerId);
        Assert.InRange(seen.Cpu, 0, Environment.ProcessorCount - 1);
        Assert.InRange(seen.Time, recording.From, recording.To);
        Assert.Equal(seen.Time, DateTime.UnixEpoch.AddTicks(seen.TimestampNs / 100).ToLocalTime());
        Assert.Equal(Environment.MachineName, seen.ComputerName);
        Assert.Equal(0UL, seen.Sequence);
    }

    private static Recording Record(string mechanism, GatedWorkload workload) => Recorder.Record(
        Recorder.Options("exec", new ProcessFilter { ProcessIds = [workload.ProcessId] }, mechanism),
        () => workload.Finish());

    private static ExecEvent Single(string mechanism, params string[] how)
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", how);
        return Assert.Single(Record(mechanism, workload).Of<ExecEvent>());
    }

    private string Executable(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0x1ed);
        return path;
    }
}
