using System.Globalization;
using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// The kernel's own names for its numbers: tests/workloads/naming.c makes every call under a filter that answers with
/// the call's number, and the exit tracepoints write name and answer into a trace of their own.
/// </summary>
public sealed partial class SyscallNamesTests : KernelTest
{
    private const int Last = 700;

    [Fact]
    public void TheTableHasTheKernelsNames()
    {
        Dictionary<uint, string> kernel = AskKernel();

        Assert.InRange(kernel.Count, 250, Last);
        Assert.All(kernel, call => Assert.Equal(call.Value, SyscallCatalog.Tracepoint(SyscallNames.Native.NameOf(call.Key))));
    }

    [Fact]
    public void TheCatalogueHasWhatTheKernelCanTrace()
    {
        string folder = Path.Combine(KernelSupport.Tracefs!, "events", "syscalls");
        HashSet<string> kernel = Directory.EnumerateDirectories(folder, "sys_enter_*")
            .Select(path => Path.GetFileName(path)["sys_enter_".Length..])
            .ToHashSet();

        IReadOnlyList<string> names = SyscallCatalog.Names;

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Contains("read", names);
        Assert.Contains("fstat", names);
        Assert.DoesNotContain("newfstat", names);
        Assert.DoesNotContain("exit_group", names);
        Assert.All(names, name => Assert.Contains(SyscallCatalog.Tracepoint(name)!, kernel));
        Assert.InRange(names.Count, 250, kernel.Count);
    }

    [Theory]
    [InlineData("read", "read(unsigned int fd, char * buf, size_t count)")]
    [InlineData("getppid", "getppid()")]
    [InlineData("fstat", "fstat(unsigned int fd, struct stat * statbuf)")]
    [InlineData("no_such_call", "no_such_call")]
    public void SignaturesAreTheKernelsOwn(string name, string signature) => Assert.Equal(signature, SyscallCatalog.Signature(name));

    private static Dictionary<uint, string> AskKernel()
    {
        string instance = Path.Combine(KernelSupport.Tracefs!, "instances", $"ebpfps-test-{Environment.ProcessId}");
        Directory.CreateDirectory(instance);
        try
        {
            using GatedWorkload workload = GatedWorkload.Start("naming", Last.ToString(CultureInfo.InvariantCulture));
            Write(Path.Combine(instance, "set_event_pid"), workload.ProcessId.ToString(CultureInfo.InvariantCulture));
            Write(Path.Combine(instance, "events", "syscalls", "enable"), "1");
            workload.Finish();
            Write(Path.Combine(instance, "events", "syscalls", "enable"), "0");

            // The filter's own installation returns 0 before read does, whose number that is: the last one counts.
            Dictionary<uint, string> names = [];
            foreach (Match match in AnswerPattern().Matches(File.ReadAllText(Path.Combine(instance, "trace"))))
            {
                long answer = unchecked((long)ulong.Parse(match.Groups["answer"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                if (answer <= 0)
                {
                    names[(uint)-answer] = match.Groups["name"].Value;
                }
            }

            return names;
        }
        finally
        {
            Directory.Delete(instance);
        }
    }

    private static void Write(string path, string text)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }

    [GeneratedRegex(@"sys_(?<name>\w+) -> 0x(?<answer>[0-9a-f]+)", RegexOptions.CultureInvariant)]
    private static partial Regex AnswerPattern();
}
