using System.Diagnostics;
using System.Globalization;
using EbpfPs.KernelTests.Host;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>
/// All probes on, and processes that fork, execute, open and connect as fast as the machine can: 60 seconds, or as
/// many as the environment variable EBPFPS_SOAK_SECONDS says. The reader's memory and descriptors stay as they are,
/// and each kind of event is there as often as the workload made it.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : KernelTest
{
    private const int ShortSeconds = 60;

    /// <summary>A reader of one MiB more is no leak: at this rate a byte lost for each event is ten.</summary>
    private const double MemoryFloorMiB = 1;

    /// <summary>However much the garbage collector lets it rise and fall.</summary>
    private const double MemoryCeilingMiB = 4;

    /// <summary>They are few and whole numbers: more than one that stays is a leak, whatever the scatter.</summary>
    private const double DescriptorCeiling = 1;

    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(250);

    [Fact]
    [Trait("Load", "heavy")]
    public void MemoryAndDescriptorsStayAndEveryEventIsAccountedFor()
    {
        TimeSpan length = TimeSpan.FromSeconds(
            int.Parse(Environment.GetEnvironmentVariable("EBPFPS_SOAK_SECONDS") ?? ShortSeconds.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

        // The first minute is for the runtime to settle; of a short run, the first third.
        TimeSpan settling = TimeSpan.FromSeconds(Math.Min(60, length.TotalSeconds / 3));
        using MixedWorkload workload = new();
        using HostProcess host = HostProcess.Start([], ["count", MixedWorkload.Probes, .. workload.Options]);
        workload.Go();

        Flatness memory = new(), descriptors = new();
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < length)
        {
            Thread.Sleep(_between);
            if (clock.Elapsed > settling)
            {
                memory.Add(clock.Elapsed.TotalSeconds, Machine.ResidentKibibytesOf(host.ProcessId) / 1024.0);
                descriptors.Add(clock.Elapsed.TotalSeconds, Directory.GetFileSystemEntries($"/proc/{host.ProcessId}/fd").Length);
            }
        }

        workload.EndLoad();
        host.WaitUntilIdle();
        IReadOnlyDictionary<string, long> made = workload.Finish();
        host.Stop();

        output.WriteLine($"{length.TotalSeconds:0} s on Linux {Environment.OSVersion.Version}");
        output.WriteLine(memory.AssertFlat("resident memory, MiB", MemoryFloorMiB, MemoryCeilingMiB));
        output.WriteLine(descriptors.AssertFlat("descriptors", floor: 0, DescriptorCeiling));
        MixedWorkload.AssertAccount(made, host, output.WriteLine);
    }
}
