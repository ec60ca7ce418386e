using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Calls by the 32-bit table's numbers: what tests/workloads/compat.c does. Raw tracepoints see opens, connects and accepts;
/// the tracepoints of single syscalls don't, and their Limitation says so. Of execs both see those that succeed.
/// </summary>
public sealed class Compat32Tests : KernelTest
{
    private const string Raw = "raw tracepoint";
    private const string Tracepoint = "tracepoint";

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-").FullName;

    [Compat32Theory]
    [InlineData("openat", 40)]
    [InlineData("openat2", 40)]
    [InlineData("open", -100)]
    public void EveryPropertyOfAnOpen(string call, int directory)
    {
        string file = directory == 40 ? "new" : Path.Combine(_folder, "new");
        (OpenEvent[] events, int result) = Open(Raw, call, file, "0102", "0640");

        OpenEvent seen = Assert.Single(events);
        Assert.Equal((file, directory, result), (seen.FileName, seen.DirectoryDescriptor, seen.FileDescriptor));
        Assert.InRange(result, 3, 100);
        Assert.Equal(OpenFlags.O_RDWR | OpenFlags.O_CREAT, seen.Flags);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, seen.Mode);
        Assert.Equal(("compat", 0, ""), (seen.ProcessName, seen.ErrorNumber, seen.ErrorName));
        Assert.InRange(seen.DurationNs, 1, 60_000_000_000);
    }

    [Compat32Fact]
    public void CreatIsOpenWithItsFlags()
    {
        string file = Path.Combine(_folder, "new");
        (OpenEvent[] events, int result) = Open(Raw, "creat", file, "0", "0600");

        OpenEvent seen = Assert.Single(events);
        Assert.Equal((file, result), (seen.FileName, seen.FileDescriptor));
        Assert.Equal(OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, seen.Flags);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, seen.Mode);
    }

    [Compat32Theory]
    [InlineData("openat")]
    [InlineData("open")]
    public void AFailureSaysWhy(string call)
    {
        (OpenEvent[] events, int result) = Open(Raw, call, "/no/such/file", "0", "0");

        OpenEvent seen = Assert.Single(events);
        Assert.Equal(("/no/such/file", "ENOENT", -1, -2), (seen.FileName, seen.ErrorName, seen.FileDescriptor, result));
    }

    [Compat32Theory]
    [InlineData("openat")]
    [InlineData("open")]
    [InlineData("creat")]
    [InlineData("openat2")]
    public void TracepointsOfSyscallsDoNotSeeThemAndSaySo(string call)
    {
        Assert.Empty(Open(Tracepoint, call, "/dev/null", "0", "0").Events);

        Assert.Contains("32-bit", Limitation("open", Tracepoint), StringComparison.Ordinal);
        Assert.Contains("32-bit", Limitation("connect", Tracepoint), StringComparison.Ordinal);
        Assert.DoesNotContain("32-bit", Limitation("open", Raw), StringComparison.Ordinal);
        Assert.DoesNotContain("32-bit", Limitation("connect", Raw), StringComparison.Ordinal);
    }

    [Compat32Theory]
    [EachWay]
    public void ANumberMeansWhatItsOwnTableSays(string mechanism)
    {
        using GatedWorkload workload = GatedWorkload.Start("compat", "others");
        Recording recording = Recorder.Record(
            Recorder.Options("open", new ProcessFilter { ProcessIds = [workload.ProcessId] }, mechanism), () => workload.Finish());

        Assert.Empty(recording.Events);
    }

    /// <remarks>
    /// In the 32-bit table: pipe, times, keyctl (KEYCTL_CAPABILITIES: the size of an answer, 2, which can be a descriptor too; the
    /// ticks of times can't), oldolduname and timerfd_create. In the native one: connect, accept, accept4, execve and execveat.
    /// </remarks>
    [Compat32Theory]
    [EachWay("connect", 42, 40, "-14 -14")]
    [EachWay("connect", 43, 0, "[0-9]+ [0-9]+")]
    [EachWay("connect", 288, 31, "2 2")]
    [EachWay("exec", 59, 40, "-14 -14")]
    [EachWay("exec", 322, 40, "-22 -22")]
    public void ANativeNumberOfTheProbeMeansNothingToIt(string mechanism, string probe, int number, int first, string results)
    {
        using GatedWorkload workload = GatedWorkload.Start("compat", "numbered", $"{number}", $"{first}");
        string output = "";
        Recording recording = Recorder.Record(
            Recorder.Options(probe, new ProcessFilter { ProcessIds = [workload.ProcessId] }, mechanism), () => output = workload.Finish());

        Assert.Empty(recording.Events);
        Assert.Matches($"^{results}$", output);
    }

    [Compat32Theory]
    [EachWay]
    public void OfA32BitProcessTheExecThatSucceedsIsSeenAndThoseThatFailAreNot(string mechanism)
    {
        string program = Workload.PathOf("execing32");
        (Recording recording, _) = Recorder.RecordWhole("exec", mechanism, "execing", "exec", program, "execing32");

        Assert.Equal(
            [(program, "execing32", 0), ("/bin/true", "true --from '32 bits'", 0)],
            recording.Of<ExecEvent>().Select(seen => (seen.FileName, seen.CommandLine, seen.ErrorNumber)));
        Assert.Contains("failed exec by a 32-bit process is not seen", Limitation("exec", mechanism), StringComparison.Ordinal);
    }

    [Compat32Theory]
    [InlineData(Raw, "connect", "accept4", true)]
    [InlineData(Raw, "socketcall", "socketcall", true)]
    [InlineData(Raw, "socketcall", "socketcall4", true)]
    [InlineData(Tracepoint, "connect", "accept4", false)]
    [InlineData(Tracepoint, "socketcall", "socketcall", false)]
    public void ConnectionFromBothEnds(string mechanism, string connecting, string accepting, bool accepts)
    {
        (ConnectEvent[] seen, int[] ports) = Connect(mechanism, "pair", connecting, accepting);

        ConnectEvent connect = Assert.Single(seen, one => one.Action == ConnectAction.Connect);
        Assert.Equal((ports[1], ports[0], "compat", 0), (connect.LocalPort, connect.RemotePort, connect.ProcessName, connect.ErrorNumber));
        ConnectEvent[] accept = seen.Where(one => one.Action == ConnectAction.Accept).ToArray();
        Assert.Equal(accepts ? 1 : 0, accept.Length);
        Assert.All(accept, one => Assert.Equal((ports[0], ports[1], "accepting"), (one.LocalPort, one.RemotePort, one.ProcessName)));
        Assert.Contains(seen, one => one.Action == ConnectAction.Close && one.LocalPort == ports[1]);

        // Also of a connection whose accept was not seen.
        Assert.Contains(seen, one => one.Action == ConnectAction.Close && one.LocalPort == ports[0] && one.ProcessName == "accepting");
    }

    [Compat32Theory]
    [InlineData(Raw, "connect", true)]
    [InlineData(Raw, "socketcall", true)]
    [InlineData(Tracepoint, "connect", false)]
    [InlineData(Tracepoint, "socketcall", false)]
    public void UnreachableNetworkComesFromTheCallsReturn(string mechanism, string how, bool visible)
    {
        (ConnectEvent[] events, int[] numbers) = Connect(mechanism, "unreachable", how);

        Assert.Equal((visible ? 1 : 0, -101), (events.Length, numbers[2]));
        Assert.All(events, seen => Assert.Equal(
            (ConnectAction.Connect, "ENETUNREACH", "127.0.0.1", 80),
            (seen.Action, seen.ErrorName, seen.RemoteAddress, seen.RemotePort)));
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static string Limitation(string probe, string mechanism)
    {
        ProbeSpec spec = ProbeCatalog.Find(probe);
        return spec.LimitationHere(spec.Mechanisms.Single(one => one.Name == mechanism));
    }

    private static (ConnectEvent[] Events, int[] Numbers) Connect(string mechanism, params string[] arguments)
    {
        Workload run = null!;
        ProcessFilter ours = new() { ProcessNames = ["compat", "accepting"] };
        Recording recording = Recorder.RecordWhole(Recorder.Options("connect", ours, mechanism), () => run = Workload.Run("compat", arguments));
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        return (recording.Of<ConnectEvent>(), run.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray());
    }

    private (OpenEvent[] Events, int Result) Open(string mechanism, string call, string path, string flags, string mode)
    {
        (Recording recording, string output) = Recorder.RecordWhole("open", mechanism, "compat", "open", call, _folder, path, flags, mode);
        return (recording.Of<OpenEvent>(), int.Parse(output, CultureInfo.InvariantCulture));
    }
}

/// <summary>Why 32-bit calls can't be made here; null where they can.</summary>
internal static class Compat32
{
    public static string? Missing { get; } =
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64
            ? "needs int $0x80, which x86-64 has"
            : KernelNeeds.Options("CONFIG_IA32_EMULATION") ?? SwitchedOff();

    /// <summary>Documentation/admin-guide/kernel-parameters.txt: ia32_emulation=, Linux 6.7, with the configuration's word where it isn't given.</summary>
    private static string? SwitchedOff()
    {
        string given = File.ReadAllText("/proc/cmdline").Split(' ', '\n').LastOrDefault(word => word.StartsWith("ia32_emulation=", StringComparison.Ordinal), "");
        bool off = given.Length > 0 ? given[15..] is "0" or "off" or "n" or "false"
            : EbpfPs.Bpf.KernelConfig.Running?.Has("CONFIG_IA32_EMULATION_DEFAULT_DISABLED") == true;
        return off ? "32-bit calls are switched off (ia32_emulation=)" : null;
    }
}

/// <summary>A test of 32-bit calls: skipped by name where the kernel takes none.</summary>
public sealed class Compat32FactAttribute : FactAttribute
{
    public Compat32FactAttribute() => Skip = Compat32.Missing;
}

/// <summary>A theory about 32-bit calls, likewise.</summary>
public sealed class Compat32TheoryAttribute : TheoryAttribute
{
    public Compat32TheoryAttribute() => Skip = Compat32.Missing;
}
