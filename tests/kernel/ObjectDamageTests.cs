using System.Diagnostics;
using System.Globalization;
using EbpfPs.KernelTests.Host;
using Xunit;
using Xunit.Abstractions;

namespace EbpfPs.KernelTests;

/// <summary>
/// Objects that were damaged on purpose are opened in other processes: each is opened or refused, and none ends its
/// process. EBPFPS_DAMAGED_OBJECTS says how many, EBPFPS_DAMAGED_SEED which.
/// </summary>
public sealed class ObjectDamageTests(ITestOutputHelper output) : KernelTest
{
    private const int Few = 1500;

    /// <summary>No object takes so long: the verifier gives up after a million instructions, seconds of a CPU's time.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);

    [Fact]
    [Trait("Load", "heavy")]
    public void ADamagedObjectEndsNoProcess()
    {
        int count = Setting("EBPFPS_DAMAGED_OBJECTS", Few);
        int seed = Setting("EBPFPS_DAMAGED_SEED", 1);
        List<string> culprits = [];
        int opened = 0;
        int refused = 0;
        int next = 0;
        while (next < count)
        {
            (int last, int ended, int exitCode, string error) = Open(seed, next, count - next, ref opened, ref refused);
            if (exitCode != 0)
            {
                // Where it was is the culprit; another process goes on behind it.
                string file = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"damaged-{seed}-{last}.o"));
                File.WriteAllBytes(file, DamagedObject.Make(seed, last));
                culprits.Add($"{file} ended its process ({exitCode}): {error}");
            }

            Assert.True(exitCode != 0 || ended == count, $"the process ended well after {ended} of {count}");
            next = last + 1;
        }

        output.WriteLine($"seed {seed}: {opened} opened, {refused} refused, {culprits.Count} ended their process");
        Assert.Empty(culprits);
        Assert.Equal(count, opened + refused);
        Assert.True(opened > count / 20 && refused > count / 20, $"{opened} opened, {refused} refused");
    }

    [Fact]
    public void ACrashIsFoundOut()
    {
        int opened = 0;
        int refused = 0;

        // A number that no object has makes the process end in the midst.
        (int last, _, int exitCode, _) = Open(1, DamagedObject.Fatal - 2, 5, ref opened, ref refused);

        Assert.Equal(DamagedObject.Fatal, last);
        Assert.NotEqual(0, exitCode);
        Assert.Equal(2, opened + refused);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    /// <returns>The number that was opened last, how many numbers were done with, the exit code and what stood on standard error.</returns>
    private static (int Last, int Ended, int ExitCode, string Error) Open(int seed, int first, int count, ref int opened, ref int refused)
    {
        using Process process = HostProcess.StartPlain(["damaged", Text(seed), Text(first), Text(count)]);
        Task<string> error = process.StandardError.ReadToEndAsync();

        // A reader that goes round in circles is found out, too.
        using CancellationTokenSource stuck = new(_longest);
        using CancellationTokenRegistration kill = stuck.Token.Register(process.Kill);
        int last = first;
        int done = first;
        while (process.StandardOutput.ReadLine() is string line)
        {
            stuck.CancelAfter(_longest);
            string[] parts = line.Split(' ', 2);
            switch (parts[0])
            {
                case "open":
                    last = int.Parse(parts[1], CultureInfo.InvariantCulture);
                    break;
                case "opened" or "loaded":
                    opened++;
                    done++;
                    break;
                default:
                    refused++;
                    done++;
                    break;
            }
        }

        process.WaitForExit();
        return (last, done, process.ExitCode, error.Result.ReplaceLineEndings(" "));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
