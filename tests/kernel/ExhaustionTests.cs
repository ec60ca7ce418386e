using System.Text.Json;
using System.Text.RegularExpressions;
using EbpfPs.KernelTests.Host;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>Memory and descriptors that run out while a session starts: a clear error, and nothing stays.</summary>
[Trait("Load", "heavy")]
public sealed partial class ExhaustionTests(ITestOutputHelper output) : KernelTest
{
    private const string TooManyFiles = nameof(EbpfErrorId.OutOfResources);
    private const long MiB = 1024 * 1024;

    /// <summary>What the host itself needs, and a ring of 16 MiB; not one of 512.</summary>
    private const long GroupMemory = 256 * MiB;

    [Theory]
    [InlineData("exec,open", "load")]
    [InlineData("exec,open", "attach")]
    [InlineData("connect,latency,exit", "load")]
    public void WithoutDescriptorsTheErrorNamesTheLimitAndWhatRaisesIt(string probes, string when)
    {
        using HostProcess host = HostProcess.Start([], ["exhaust", probes, when, .. probes.Contains("latency", StringComparison.Ordinal) ? new[] { "syscall=read" } : []]);

        // The first is none; the last ran, and after it a session under the old limit.
        Attempt[] failed = [.. host.Attempts.Skip(1).SkipLast(1)];
        output.WriteLine($"{probes}: ran with {host.Attempts[^1].Free} descriptors");
        Assert.Equal("", host.Attempts[^1].Id);
        Assert.True(failed.Length > 10, $"{failed.Length} attempts failed");
        Assert.Equal("", string.Join("; ", host.Attempts.Select(attempt => attempt.Left).Where(left => left.Length > 0).Distinct()));
        Assert.All(failed, attempt =>
        {
            Assert.True(attempt.Id == TooManyFiles, $"{attempt}");
            Assert.Contains("EMFILE", attempt.Message, StringComparison.Ordinal);
            Assert.Matches(@"This process may have \d+ files open \(RLIMIT_NOFILE\)", attempt.Message);
            Assert.Contains($"prlimit --pid {host.ProcessId} --nofile=4096", attempt.Hint, StringComparison.Ordinal);
            Assert.Contains("ulimit -n 4096", attempt.Hint, StringComparison.Ordinal);
        });
        Assert.Equal(JsonValueKind.Object, host.Ready.ValueKind);
        host.Stop();
    }

    [Theory]
    [InlineData("epoll_create1")]
    [InlineData("epoll_ctl")]
    [InlineData("eventfd2")]
    public void ARefusalInTheMiddleLeavesNothing(string call)
    {
        using HostProcess host = HostProcess.Start([Workload.PathOf("refuse"), call, "ENOMEM"], ["once", "exec"]);

        AssertError(host, "ENOMEM");
        Assert.Equal("", Assert.Single(host.Attempts).Left);
    }

    [MemoryAccountFact]
    public void ARingThatTheCgroupHasNoMemoryForNamesASmallerOneThatCanBeTried()
    {
        using MemoryGroup group = MemoryGroup.Create(GroupMemory);
        long size = 512 * MiB;
        int refused = 0;
        while (true)
        {
            using HostProcess host = HostProcess.Start(group.Enter, ["once", "exec", $"buffer={size}"]);
            Attempt attempt = Assert.Single(host.Attempts);
            Assert.Equal("", attempt.Left);
            if (attempt.Id.Length == 0)
            {
                break;
            }

            refused++;
            AssertError(host, "ENOMEM");
            output.WriteLine($"{attempt.Message} {attempt.Hint}");
            Assert.Contains($"a buffer of {size} bytes", attempt.Message, StringComparison.Ordinal);
            Match smaller = SmallerSize().Match(attempt.Hint);
            Assert.True(smaller.Success, attempt.Hint);
            long next = long.Parse(smaller.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) * MiB;
            Assert.InRange(next, MiB, size / 2);
            size = next;
        }

        Assert.InRange(refused, 1, 4);
    }

    [GeneratedRegex(@"-BufferSize (\d+)MB")]
    private static partial Regex SmallerSize();

    private static void AssertError(HostProcess host, string errno)
    {
        Attempt attempt = Assert.Single(host.Attempts);
        Assert.Equal(nameof(EbpfErrorId.OutOfResources), attempt.Id);
        Assert.Contains(errno, attempt.Message, StringComparison.Ordinal);
        Assert.NotEmpty(attempt.Hint);
    }
}
