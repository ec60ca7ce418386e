using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>What the kernel or the engine refuses: one exception each, and nothing left behind.</summary>
public sealed class RefusalTests : KernelTest
{
    [Fact]
    public void TheVerifiersReasonIsInTheMessageAndItsLogOnTheException()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "refused.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("refused", image);
        opened.LoadOnly(["reads_null"]);

        EbpfException error = Assert.Throws<EbpfException>(opened.Load);
        Assert.Equal(EbpfErrorId.VerifierRefused, error.Id);
        Assert.Equal(("EACCES", "refused"), (error.ErrnoName, error.Target));
        Assert.Contains("'reads_null'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains("return *value;", error.VerifierLog, StringComparison.Ordinal);
        Assert.Contains("invalid mem access 'map_value_or_null'", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void ACorruptObjectIsAnErrorAndNotACrash()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "refused.bpf.o"));
        foreach (byte[] corrupt in new[] { [], image[..64], image[..(image.Length / 2)], Zeroed(image, 0x40, 0x200) })
        {
            EbpfException error = Assert.Throws<EbpfException>(() => OpenedBpfObject.Open("corrupt", corrupt).Load());
            Assert.Equal("corrupt", error.Target);
        }
    }

    [Fact]
    public void TheSmallestRingHoldsSomethingAndSaysWhatItLost()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "flood", "/dev/null", "1000");
        SessionOptions options = new()
        {
            Probes = [ProbeCatalog.Find("open")],
            Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
            BufferSize = Environment.SystemPageSize,
        };
        using ProbeSession session = ProbeSession.Start(options);
        workload.GoAndRead();
        LossReport loss = session.Stop();

        Assert.Equal((1000, 0), (loss.Produced, loss.Delivered));
        Assert.InRange(loss.Unread!.Value, 1, 64);
        Assert.Equal(1000, loss.Unread + loss.RingFull);
    }

    [Fact]
    public void AMechanismThatIsNot()
    {
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Load(Recorder.Options("open", null, "kprobe")));

        Assert.Equal((EbpfErrorId.NotSupported, "open"), (error.Id, error.Target));
        Assert.Contains("'kprobe'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARefusalOfTheSecondProbeTakesTheFirstOutAgain()
    {
        Assert.Throws<EbpfException>(() => ProbeSession.Start(Recorder.Options("open,exit", null, "tracepoint")));

        Assert.Empty(HeldObjects.IdsOf(Environment.ProcessId));
    }

    private static byte[] Zeroed(byte[] image, int from, int to)
    {
        byte[] copy = [.. image];
        copy.AsSpan(from, to - from).Clear();
        return copy;
    }
}
