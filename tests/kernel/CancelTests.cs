using System.Diagnostics;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A reader that another thread ends: the one thing here that is timed, since a person waits for it.</summary>
public sealed class CancelTests : KernelTest
{
    private static readonly TimeSpan _bound = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void AReaderThatWaitsLetsGo()
    {
        using GatedWorkload quiet = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options(quiet));

        Assert.Equal(0, CancelAfter(session, TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public void AReaderThatIsFloodedLetsGo()
    {
        using GatedWorkload flood = GatedWorkload.Start("opening", "flood", "/dev/null", "1000000000");
        using ProbeSession session = ProbeSession.Start(Options(flood));
        flood.Go();

        Assert.True(CancelAfter(session, TimeSpan.FromMilliseconds(300)) > 0, "the reader was not flooded");
    }

    [Fact]
    public void ACancelBeforeTheReadCountsToo()
    {
        using GatedWorkload quiet = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options(quiet));
        using EventReader reader = session.OpenReader();
        reader.Cancel();

        Assert.Null(reader.Read(Timeout.InfiniteTimeSpan));
        Assert.Null(reader.Read(Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task StopOnAnotherThreadEndsAReadThatWaits()
    {
        using GatedWorkload quiet = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options(quiet));
        using ManualResetEventSlim opened = new();
        Task<bool> reading = Task.Run(() =>
        {
            using EventReader reader = session.OpenReader();
            opened.Set();
            return reader.Read(Timeout.InfiniteTimeSpan) is null;
        });
        opened.Wait();
        session.Stop();

        Assert.True(await reading);
        Assert.Equal(SessionState.Stopped, session.State);
    }

    [Fact]
    public void ACancelAfterTheEndDoesNothing()
    {
        using GatedWorkload quiet = GatedWorkload.Start("opening", "odd");
        ProbeSession session = ProbeSession.Start(Options(quiet));
        EventReader reader = session.OpenReader();
        reader.Dispose();
        reader.Cancel();
        session.Dispose();
        reader.Cancel();

        Assert.Throws<ObjectDisposedException>(reader.TryRead);
    }

    private static SessionOptions Options(GatedWorkload workload) =>
        Recorder.Options("open", new ProcessFilter { ProcessIds = [workload.ProcessId] });

    /// <returns>How many events had come.</returns>
    private static long CancelAfter(ProbeSession session, TimeSpan delay)
    {
        using EventReader reader = session.OpenReader();
        long ended = 0, events = 0;
        Thread thread = new(() =>
        {
            while (reader.Read(Timeout.InfiniteTimeSpan) is not null)
            {
                events++;
            }

            ended = Stopwatch.GetTimestamp();
        });
        thread.Start();
        Thread.Sleep(delay);
        long cancelled = Stopwatch.GetTimestamp();
        reader.Cancel();
        thread.Join();

        Assert.InRange(Stopwatch.GetElapsedTime(cancelled, ended), TimeSpan.Zero, _bound);
        return events;
    }
}
