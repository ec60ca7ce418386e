using System.Diagnostics;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>The life of a session and of its one reader.</summary>
public sealed class SessionTests : KernelTest
{
    private const int Odd = 6;

    /// <summary>How much later than its time a record may be written, in nanoseconds: emulated, the other CPU may have its turn between.</summary>
    private static readonly long _turn = Machine.IsEmulated ? 200_000_000 : 1_000_000;

    [Fact]
    public void TwoAtOnceSeeEachTheirOwn()
    {
        using GatedWorkload first = GatedWorkload.Start("opening", "odd");
        using GatedWorkload second = GatedWorkload.Start("opening", "odd");
        using ProbeSession ofFirst = ProbeSession.Start(Options("open", first));
        using ProbeSession ofSecond = ProbeSession.Start(Options("open,exec", second));
        first.Finish();
        second.Finish();

        Assert.NotEqual(ofFirst.Id, ofSecond.Id);
        Assert.Equal(Enumerable.Repeat(first.ProcessId, Odd), ReadAll(ofFirst).Select(seen => seen.ProcessId));
        Assert.Equal(Enumerable.Repeat(second.ProcessId, Odd), ReadAll(ofSecond).Select(seen => seen.ProcessId));
    }

    [Fact]
    public void SeveralProbesAreOneStreamInTimeOrder()
    {
        using GatedWorkload family = GatedWorkload.Start("family", "/bin/true");
        SessionOptions options = Recorder.Options(
            "open,exit,exec", new ProcessFilter { ProcessIds = [family.ProcessId], IncludeChild = true });
        IReadOnlyList<EbpfEvent> events = Recorder.Record(options, () => family.Finish()).Events;

        // A record is written a moment after its time was taken, and another CPU's may come between: by less than this.
        long latest = 0;
        Assert.All(events, seen => Assert.InRange(seen.TimestampNs, (latest = Math.Max(latest, seen.TimestampNs)) - _turn, long.MaxValue));
        Assert.Equal(["exec", "exit", "open"], events.Select(seen => seen.Probe).Distinct().Order());
        int child = Assert.Single(events.OfType<ExecEvent>()).ProcessId;
        Assert.Equal("exec", events.First(seen => seen.ProcessId == child).Probe);
        Assert.Equal("exit", events.Last(seen => seen.ProcessId == child).Probe);
    }

    [Fact]
    public void ASessionSaysWhatItIs()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        SessionOptions options = Options("open,exec", workload);
        DateTime before = DateTime.Now;
        using ProbeSession session = ProbeSession.Load(options);
        Assert.Equal((SessionState.Loaded, null, null), (session.State, session.StartTime, session.StopTime));
        Assert.Equal("open+exec", session.Name);
        Assert.Same(options, session.Options);
        Assert.Equal(SessionOptions.DefaultBufferSize, session.BufferSize);
        Assert.Equal(["open", "exec"], session.Probes.Select(probe => probe.Spec.Name));

        session.Start();
        Assert.Equal(SessionState.Running, session.State);
        Assert.InRange(session.StartTime!.Value, before, DateTime.Now);
        LossReport final = session.Stop();
        Assert.Equal(SessionState.Stopped, session.State);
        Assert.InRange(session.StopTime!.Value, session.StartTime.Value, DateTime.Now);
        TimeSpan apart = (session.StopTime.Value - session.StartTime.Value - final.Elapsed).Duration();
        Assert.InRange(apart, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.Equal("open+exec", final.Name);
        Assert.Same(final, session.Loss);
    }

    [Fact]
    public void AReaderThatEndsHereLeavesTheRestToTheNext()
    {
        using GatedWorkload first = GatedWorkload.Start("opening", "odd");
        using GatedWorkload second = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(
            Recorder.Options("open", new ProcessFilter { ProcessIds = [first.ProcessId, second.ProcessId] }));
        using (EventReader reader = session.OpenReader())
        {
            first.Finish();
            reader.EndHere();
            second.Finish();
            Assert.Equal(Enumerable.Repeat(first.ProcessId, Odd), TakeAll(reader).Select(seen => seen.ProcessId));
        }

        Assert.Equal(Enumerable.Repeat(second.ProcessId, Odd), ReadAll(session).Select(seen => seen.ProcessId));
    }

    [Fact]
    public void ASecondReaderIsRefusedUntilTheFirstHasGone()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        Assert.False(session.HasReader);
        EventReader first = session.OpenReader();
        Assert.True(session.HasReader);

        EbpfException error = Assert.Throws<EbpfException>(session.OpenReader);
        Assert.Equal((EbpfErrorId.Busy, "open"), (error.Id, error.Target));
        Assert.NotEmpty(error.Hint);

        workload.Finish();
        Assert.Equal("line\nfeed", Assert.IsType<OpenEvent>(first.Read(TimeSpan.FromSeconds(10))).FileName);
        first.Dispose();
        first.Dispose();
        Assert.False(session.HasReader);
        Assert.Equal(Odd - 1, ReadAll(session).Count);
    }

    /// <summary>Who stops a session in the middle of a pipeline may hold the reader itself, and has not read from it yet.</summary>
    [Fact]
    public void AStopDoesNotWaitForAReaderOfItsOwnThread()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        using EventReader reader = session.OpenReader();
        Stopwatch clock = Stopwatch.StartNew();
        session.Stop();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4.5));
        Assert.Null(reader.TryRead());
    }

    [Fact]
    public void WhatNobodyReadIsInTheAccount()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        workload.Finish();
        using (EventReader reader = session.OpenReader())
        {
            Assert.NotNull(reader.Read(TimeSpan.FromSeconds(10)));
            Assert.NotNull(reader.Read(TimeSpan.FromSeconds(10)));
        }

        LossReport loss = session.Stop();
        Assert.Equal((Odd, 2, Odd - 2), (loss.Produced, loss.Delivered, loss.Unread));
        Assert.Equal(0, Recorder.LostNotSkipped(loss));
    }

    [Fact]
    public void AReaderDrainsWhatWasMadeBeforeTheEnd()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        workload.Finish();
        EventReader reader = session.OpenReader();
        reader.Detach();
        Assert.Equal(SessionState.Stopped, session.State);

        for (int i = 0; i < Odd; i++)
        {
            Assert.NotNull(reader.Read(Timeout.InfiniteTimeSpan));
        }

        Assert.Null(reader.Read(Timeout.InfiniteTimeSpan));
        reader.Dispose();
        Assert.Equal((Odd, Odd, 0), (session.Loss.Produced, session.Loss.Delivered, session.Loss.Unread));
    }

    [Fact]
    public void AfterTheEndNothingIsMade()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        session.Stop();
        workload.Finish();

        Assert.Equal(0, session.Loss.Produced);
    }

    [Fact]
    public void AStoppedSessionIsOver()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        session.Stop();

        Assert.Equal(EbpfErrorId.AlreadyStopped, Assert.Throws<EbpfException>(session.Stop).Id);
        Assert.Equal(EbpfErrorId.AlreadyStopped, Assert.Throws<EbpfException>(session.OpenReader).Id);
        Assert.Equal(EbpfErrorId.Busy, Assert.Throws<EbpfException>(session.Start).Id);
        Assert.Empty(HeldObjects.IdsOf(Environment.ProcessId));
        session.Dispose();
        session.Dispose();
        Assert.Equal("open", session.Loss.Name);
    }

    [Fact]
    public void StartingTwiceIsRefused()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));

        Assert.Equal(EbpfErrorId.Busy, Assert.Throws<EbpfException>(session.Start).Id);
        Assert.Equal(SessionState.Running, session.State);
    }

    [Fact]
    public void DisposeUnderAReaderLetsItDrain()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        ProbeSession session = ProbeSession.Start(Options("open", workload));
        workload.Finish();
        EventReader reader = session.OpenReader();
        session.Dispose();

        Assert.Equal(Odd, Enumerable.Range(0, 100).TakeWhile(_ => reader.TryRead() is not null).Count());
        Assert.NotEmpty(HeldObjects.IdsOf(Environment.ProcessId));
        reader.Dispose();
        Assert.Empty(HeldObjects.IdsOf(Environment.ProcessId));
        Assert.Equal((Odd, 0), (session.Loss.Delivered, session.Loss.Unread));
    }

    [Fact]
    public void ATimeoutEndsARead()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        using EventReader reader = session.OpenReader();

        Assert.Null(reader.Read(TimeSpan.Zero));
        Assert.Null(reader.Read(TimeSpan.FromMilliseconds(30)));
        workload.Finish();
        Assert.NotNull(reader.Read(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task AnEventWakesAReaderThatSleeps()
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        using ProbeSession session = ProbeSession.Start(Options("open", workload));
        using EventReader reader = session.OpenReader();
        Task<EbpfRecord?> waiting = Task.Run(() => reader.Read(Timeout.InfiniteTimeSpan));
        Thread.Sleep(200);
        Assert.False(waiting.IsCompleted);
        workload.Finish();

        Assert.NotNull(await waiting);
    }

    private static SessionOptions Options(string probes, GatedWorkload workload) =>
        Recorder.Options(probes, new ProcessFilter { ProcessIds = [workload.ProcessId] });

    private static List<EbpfEvent> ReadAll(ProbeSession session)
    {
        using EventReader reader = session.OpenReader();
        reader.Detach();
        return TakeAll(reader);
    }

    private static List<EbpfEvent> TakeAll(EventReader reader)
    {
        List<EbpfEvent> events = [];
        while (reader.TryRead() is EbpfEvent taken)
        {
            events.Add(taken);
        }

        return events;
    }

    /// <summary>Else it would wait, for as long as a stop gives a reader, for itself.</summary>
    [Fact]
    public void TheThreadThatReadsMayStop()
    {
        using ProbeSession session = ProbeSession.Start(Recorder.Options("exec"));
        using EventReader reader = session.OpenReader();
        reader.TryRead();
        Stopwatch clock = Stopwatch.StartNew();
        session.Stop();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4.9));
    }
}
