using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// A million opens (fewer on an emulated processor) by a process that counts them itself: what is delivered and what is
/// said to be lost must add up to its count, exactly, and so must the gaps in the sequence numbers.
/// </summary>
public sealed class LossTests : KernelTest
{
    private const int SmallRing = 64 * 1024;
    private const int LargeRing = 256 * 1024 * 1024;
    private static readonly int _opens = Machine.IsEmulated ? 50_000 : 1_000_000;

    [Theory]
    [EachWay]
    public void ARingTooSmallThatNobodyReadsUntilTheEnd(string mechanism)
    {
        (LossReport loss, long count) = Flood(mechanism, SmallRing, whileItRuns: _ => { });

        // A record of an open of /dev/null takes 128 bytes.
        Assert.InRange(loss.RingFull!.Value, count - (SmallRing / 64), count - 1);
    }

    [Theory]
    [EachWay]
    public void ARingTooSmallThatIsReadAllTheTime(string mechanism) =>
        Flood(mechanism, SmallRing, reading => reading());

    [Theory]
    [EachWay]
    public void ARingLargeEnoughLosesNothing(string mechanism)
    {
        (LossReport loss, _) = Flood(mechanism, LargeRing, whileItRuns: _ => { });

        Assert.Equal(0, loss.RingFull);
        Assert.Equal(loss.Produced, loss.Delivered);
    }

    [Theory]
    [EachWay]
    public void RejectedOpensTakeNoRoom(string mechanism)
    {
        using GatedWorkload wanted = GatedWorkload.Start("opening", "openat", "/", "/dev/null", "0", "0");
        using GatedWorkload rejected = GatedWorkload.Start("opening", "flood", "/dev/null", Text(_opens));
        using ProbeSession session = ProbeSession.Start(Options(wanted, mechanism, 256 * 1024));

        Assert.Equal(_opens, Number(rejected.GoAndRead()));
        Assert.Equal((0, 0), (session.Loss.Produced, session.Loss.RingFull));

        wanted.Finish();
        using EventReader reader = session.OpenReader();
        reader.Detach();
        Assert.Equal("/dev/null", Assert.IsType<OpenEvent>(reader.TryRead()).FileName);
        Assert.Null(reader.TryRead());
        Assert.Equal((1, 1, 0), (session.Loss.Produced, session.Loss.Delivered, session.Loss.RingFull));
    }

    /// <summary>Lets the workload run and takes the account.</summary>
    /// <param name="mechanism">How to attach.</param>
    /// <param name="ring">Bytes of the ring.</param>
    /// <param name="whileItRuns">What to do meanwhile; it is given something that reads until the workload has counted.</param>
    /// <returns>The final report and the workload's own count.</returns>
    private static (LossReport Loss, long Count) Flood(string mechanism, int ring, Action<Action> whileItRuns)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "flood", "/dev/null", Text(_opens));
        using ProbeSession session = ProbeSession.Start(Options(workload, mechanism, ring));
        SequenceCheck check = new();
        long count;
        using (EventReader reader = session.OpenReader())
        {
            Task<string> counted = Task.Run(workload.GoAndRead);
            whileItRuns(() =>
            {
                while (!counted.IsCompleted)
                {
                    check.Drain(reader);
                }
            });
            count = Number(counted.Result);
            Assert.Equal(_opens, count);

            // With the ring empty, one more open on each CPU: behind these numbers nothing is missing.
            check.Drain(reader);
            Assert.Equal("ready", workload.ReadLine());
            count += Number(workload.Finish());
            reader.Detach();
            check.Drain(reader);
        }

        LossReport loss = session.Loss;
        Recorder.AssertCounts(loss, count);
        Assert.Equal((check.Events, check.Gaps), (loss.Delivered, loss.RingFull));
        return (loss, count);
    }

    private static SessionOptions Options(GatedWorkload workload, string mechanism, int ring) => new()
    {
        Probes = [ProbeCatalog.Find("open")],
        Filter = new ProcessFilter { ProcessIds = [workload.ProcessId] },
        Mechanism = mechanism,
        BufferSize = ring,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
