using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Beside opensnoop and execsnoop of bcc's libbpf-tools, on one workload that does 1,000 things a second: of what
/// they see of it, by process, name and errno, nothing is missing.
/// </summary>
public sealed class SnoopTests : KernelTest
{
    private static readonly int _times = Machine.IsEmulated ? 300 : 3000;

    /// <summary>
    /// opensnoop's gaps, as its source and help of version 0.26 have them: open and openat only, no creat and no openat2;
    /// 255 bytes of a name; no mode, no directory descriptor, no duration; a start map of 10,240 calls that fails
    /// without a word; "Lost N events" when a CPU's perf buffer is full.
    /// </summary>
    [PeerFact("opensnoop")]
    public void OpensnoopSeesNoOpenThatWeMiss()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "steadily", "/dev/null", $"{_times}", "1000");
        using PeerTool peer = PeerTool.Start("opensnoop", "-p", $"{workload.ProcessId}");
        string[][] lines = [];
        Recording recording = Recorder.Record(
            Recorder.Options("open", new ProcessFilter { ProcessIds = [workload.ProcessId] }),
            () =>
            {
                workload.Finish();
                lines = peer.Stop();
            });

        // PID COMM FD ERR PATH
        (int, string, int)[] theirs = [.. lines.Select(line => (PeerTool.Number(line[0]), line[4], PeerTool.Number(line[3])))];
        (int, string, int)[] ours = [.. recording.Of<OpenEvent>().Select(seen => (seen.ProcessId, seen.FileName, seen.ErrorNumber))];
        Assert.Equal(_times, ours.Length);
        AssertNothingMissing(theirs, ours);
    }

    /// <summary>
    /// execsnoop's gaps, likewise: execve only, no execveat; the file name stands for the first argument, and 20 arguments
    /// of 128 bytes are read, where reading ends at a page that is not resident; the exec of a thread that is not the
    /// leader is lost, since the start is kept by thread and the thread has another number afterwards.
    /// </summary>
    [PeerFact("execsnoop")]
    public void ExecsnoopSeesNoExecThatWeMiss()
    {
        using GatedWorkload workload = GatedWorkload.Start("execing", "steadily", "/bin/true", $"{_times}", "1000");
        using PeerTool peer = PeerTool.Start("execsnoop", "-x");
        string[][] lines = [];
        Recording recording = Recorder.Record(
            Recorder.Options("exec", new ProcessFilter { ProcessIds = [workload.ProcessId], IncludeChild = true }),
            () =>
            {
                workload.Finish();
                lines = peer.Stop();
            });

        // PCOMM PID PPID RET ARGS
        (int, string, int)[] theirs =
        [
            .. lines.Where(line => line.Length > 4 && line[2] == $"{workload.ProcessId}")
                .Select(line => (PeerTool.Number(line[1]), line[4], -PeerTool.Number(line[3]))),
        ];
        (int, string, int)[] ours = [.. recording.Of<ExecEvent>().Select(seen => (seen.ProcessId, seen.FileName, seen.ErrorNumber))];
        Assert.Equal(_times, ours.Length);
        Assert.All(recording.Of<ExecEvent>(), seen => Assert.Equal([seen.FileName, "argument"], seen.ArgumentList));
        AssertNothingMissing(theirs, ours);
    }

    private static void AssertNothingMissing((int, string, int)[] theirs, (int, string, int)[] ours)
    {
        // A peer that saw next to nothing would make an empty comparison.
        Assert.InRange(theirs.Length, _times * 9 / 10, _times);
        Assert.Empty(theirs.Except(ours));
    }
}
