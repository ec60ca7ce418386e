using System.Diagnostics;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Everything that a session saw while something was done.</summary>
internal sealed record Recording(IReadOnlyList<EbpfEvent> Events, LossReport Loss, DateTime From, DateTime To)
{
    /// <summary>The events of one type.</summary>
    public T[] Of<T>()
        where T : EbpfEvent => Events.OfType<T>().ToArray();
}

/// <summary>Runs something under a session and takes all events to the last.</summary>
internal static class Recorder
{
    private const int MostRepetitions = 5;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(20);

    /// <summary>Options for probes by name.</summary>
    public static SessionOptions Options(string probes, ProcessFilter? filter = null, string? mechanism = null, params string[] syscalls) => new()
    {
        Probes = probes.Split(',').Select(ProbeCatalog.Find).ToArray(),
        Filter = filter ?? new ProcessFilter(),
        Mechanism = mechanism,
        Syscalls = syscalls,
    };

    /// <summary>
    /// Records work that can be done again, and does it again when the kernel says that it skipped runs, where it may:
    /// what a test compares is a recording that the account calls whole.
    /// </summary>
    public static Recording RecordWhole(SessionOptions options, Action work) => RecordWhole(() => Record(options, work));

    /// <summary>The same of a workload with its children, which is started anew each time.</summary>
    /// <returns>The recording, and what the workload printed when it ended.</returns>
    public static (Recording Recording, string Output) RecordWhole(string probe, string mechanism, string program, params string[] arguments)
    {
        string output = "";
        Recording recording = RecordWhole(() =>
        {
            using GatedWorkload workload = GatedWorkload.Start(program, arguments);
            ProcessFilter filter = new() { ProcessIds = [workload.ProcessId], IncludeChild = true };
            return Record(Options(probe, filter, mechanism), () => output = workload.Finish());
        });
        return (recording, output);
    }

    /// <summary>The same of any recording that can be made again.</summary>
    public static Recording RecordWhole(Func<Recording> record)
    {
        Recording recording = record();
        for (int more = MostRepetitions; more > 0 && recording.Loss.Missed > 0 && Machine.MaySkipRuns; more--)
        {
            recording = record();
        }

        return recording;
    }

    /// <summary>Runs that the kernel skipped, where it may: it counts those for anybody's calls, and these may be among them.</summary>
    public static long Skipped(LossReport loss) => Machine.MaySkipRuns ? Assert.NotNull(loss.Missed) : 0;

    /// <summary>What was lost in any other way.</summary>
    public static long LostNotSkipped(LossReport loss) => loss.Lost - Skipped(loss);

    /// <summary>
    /// The account is right about a workload that counted itself: all is there, or as much is missing as the kernel may
    /// have skipped, which only some kernels do.
    /// </summary>
    public static void AssertCounts(LossReport loss, long count)
    {
        // Skipped runs may have been of this workload's calls or of another's.
        long missed = loss.Missed ?? 0;
        Assert.True(missed == 0 || Machine.MaySkipRuns, $"{missed} runs were skipped");
        Assert.InRange(Assert.NotNull(loss.Produced), count - missed, count);
        Assert.Equal(loss.Produced, loss.Delivered + loss.RingFull);
        Assert.Equal((0, 0, 0), (loss.Unread, loss.MapFull, loss.Undecoded));
    }

    /// <summary>Starts a session, does the work, ends the session and drains it.</summary>
    /// <param name="options">The session's.</param>
    /// <param name="work">What is recorded.</param>
    /// <param name="until">What must have been seen before the session ends, where that comes after the work; not waited for forever.</param>
    public static Recording Record(SessionOptions options, Action work, Func<IReadOnlyList<EbpfEvent>, bool>? until = null)
    {
        List<EbpfEvent> events = [];
        using ProbeSession session = ProbeSession.Start(options);
        DateTime from = DateTime.Now;
        using (EventReader reader = session.OpenReader())
        {
            Task done = Task.Run(work);
            Stopwatch waited = Stopwatch.StartNew();
            while (!done.IsCompleted || (until is not null && !until(events) && waited.Elapsed < _longestWait))
            {
                if (reader.Read(TimeSpan.FromMilliseconds(50)) is EbpfEvent taken)
                {
                    events.Add(taken);
                }
            }

            reader.Detach();
            while (reader.TryRead() is EbpfEvent taken)
            {
                events.Add(taken);
            }

            done.GetAwaiter().GetResult();
        }

        return new Recording(events, session.Loss, from, DateTime.Now);
    }
}
