using EbpfPs.KernelTests.Host;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// A kernel that is locked down for confidentiality (kernel_lockdown(7), Linux 5.4), which nothing but a boot undoes: a
/// guest is locked down when all other tests have run.
/// </summary>
public sealed class LockdownTests : KernelTest
{
    private const string Change = "locks the kernel down until it boots again";

    private static readonly string[] _probes = [.. ProbeCatalog.All.Select(probe => probe.Name)];

    [GuestFact(Change)]
    public void TheKernelIsLockedDown() =>
        Assert.Contains("[confidentiality]", File.ReadAllText("/sys/kernel/security/lockdown"), StringComparison.Ordinal);

    [GuestFact(Change)]
    public void ASessionNamesLockdownAndWhatToDo()
    {
        IReadOnlyDictionary<string, Refusal> refusals = HostProcess.Refusals([], _probes);

        Assert.All(_probes, probe =>
        {
            Assert.Equal(nameof(EbpfErrorId.PermissionDenied), refusals[probe].Id);
            Assert.Contains("locked down for confidentiality", refusals[probe].Message, StringComparison.Ordinal);
            Assert.Contains("lockdown=integrity", refusals[probe].Hint, StringComparison.Ordinal);
        });
    }

    [GuestFact(Change)]
    public void TheAgentSaysTheSame()
    {
        (int exitCode, string output, string error) = AgentProcess.Run("watch", "exec");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("locked down for confidentiality", error, StringComparison.Ordinal);
        Assert.Contains("lockdown=integrity", error, StringComparison.Ordinal);
    }
}
