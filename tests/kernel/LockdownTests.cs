using System.Text.Json;
using EbpfPs.KernelTests.Host;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// A kernel that is locked down for confidentiality (kernel_lockdown(7), Linux 5.4), which nothing but a boot undoes: a
/// guest is locked down when all other tests have run.
/// </summary>
public sealed class LockdownTests : KernelTest
{
    private const string Change = "locks the kernel down until it boots again";

    [GuestFact(Change)]
    public void TheKernelIsLockedDown() =>
        Assert.Contains("[confidentiality]", File.ReadAllText("/sys/kernel/security/lockdown"), StringComparison.Ordinal);

    [GuestFact(Change)]
    public void ASessionNamesLockdownAndWhatToDo()
    {
        foreach (string probe in new[] { "exec", "exit", "open", "connect", "latency" })
        {
            using HostProcess host = HostProcess.Start([], ["watch", probe]);

            Assert.Equal(JsonValueKind.Object, host.Error.ValueKind);
            Assert.Equal(nameof(EbpfErrorId.PermissionDenied), host.Error.GetProperty("Id").GetString());
            Assert.Contains("locked down for confidentiality", host.Error.GetProperty("Message").GetString(), StringComparison.Ordinal);
            Assert.Contains("lockdown=integrity", host.Error.GetProperty("Hint").GetString(), StringComparison.Ordinal);
        }
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
