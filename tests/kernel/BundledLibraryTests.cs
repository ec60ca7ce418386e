using System.Runtime.InteropServices;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Where libbpf comes from: the agent in a folder that was copied elsewhere, on a machine that has no libbpf. The
/// system's libraries are hidden in a mount namespace of the agent's own.
/// </summary>
[Trait("Load", "agent")]
public sealed class BundledLibraryTests : KernelTest
{
    private static readonly string _native = $"runtimes/linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}/native";

    private readonly string _folder = Directory.CreateTempSubdirectory("ebpfps-copy-").FullName;

    public BundledLibraryTests() => Workload.Run("/bin/cp", "-r", Path.GetDirectoryName(AgentProcess.Path)! + "/.", _folder);

    [Fact]
    public void ACopiedFolderNeedsNoLibraryOfTheSystem()
    {
        Workload run = RunWithoutSystemLibraries();

        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Equal(0, AgentProcess.Report(run.Error)["Lost"]);
    }

    [Fact]
    public void WithoutTheCopyAndTheSystemsTheErrorNamesThePackage()
    {
        Directory.Delete(Path.Combine(_folder, "runtimes"), recursive: true);
        Workload run = RunWithoutSystemLibraries();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            "ebpfps-agent: libbpf 1.0 or newer could not be loaded. Install it (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf).\n",
            run.Error);
    }

    [Fact]
    public void ACopyThatIsRefusedLeavesItToTheSystems()
    {
        Spoil();

        Assert.Equal(0, Run(hide: ":").ExitCode);
    }

    [Fact]
    public void ACopyThatIsRefusedIsNamedWhenTheSystemHasNone()
    {
        Spoil();
        Workload run = RunWithoutSystemLibraries();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"The copy beside the engine was refused: {_folder}/{_native}/libbpf.so.1: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheVariableComesFirst()
    {
        Workload run = Run(hide: ":", "EBPFPS_LIBBPF=/no/such/libbpf.so");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'/no/such/libbpf.so', which EBPFPS_LIBBPF names", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("or unset EBPFPS_LIBBPF.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run(hide: ":", $"EBPFPS_LIBBPF={_folder}/{_native}/libbpf.so.1").ExitCode);
    }

    [Fact]
    public void LicencesAndOriginGoWithTheLibraries()
    {
        string folder = Path.Combine(_folder, _native);
        string origin = File.ReadAllText(Path.Combine(folder, "ORIGIN.txt"));
        string[] libraries = File.ReadAllLines(Path.Combine(folder, "load-order"));

        Assert.Equal("libbpf.so.1", libraries[^1]);
        Assert.All(libraries, library => Assert.True(File.Exists(Path.Combine(folder, library)), library));
        Assert.All(libraries, library => Assert.Matches($@"(?m)^{library}  package \S+, version \S+$", origin));
        Assert.True(Directory.GetFiles(Path.Combine(folder, "LICENSES")).Length >= libraries.Length);
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    /// <summary>A text file in libbpf's place.</summary>
    private void Spoil() => File.WriteAllText(Path.Combine(_folder, _native, "libbpf.so.1"), "no library");

    private Workload RunWithoutSystemLibraries() =>
        Run(hide: "PATH=$PATH:/sbin:/usr/sbin; for one in $(ldconfig -p | awk '/lib(bpf|elf|z)\\.so\\.1 /{print $NF}'); do mount --bind /dev/null $one; done");

    private Workload Run(string hide, string environment = "NONE=") =>
        Workload.Run("/usr/bin/unshare", "-m", "/bin/sh", "-c", $"{hide}; exec env '{environment}' '{_folder}/ebpfps-agent' watch exec --duration 100ms --process-name nobody-has-it");
}
