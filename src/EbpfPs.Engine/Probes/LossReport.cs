namespace EbpfPs.Probes;

/// <summary>
/// The account of a session's events. Produced = Delivered + RingFull + Unread, exactly; the other numbers are of events
/// that were never made, or of what was cut. What can't be known is null and never 0.
/// </summary>
public sealed record LossReport
{
    /// <summary>The session's name.</summary>
    public required string Name { get; init; }

    /// <summary>How long the session has run, or ran.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Events that passed the filters; null for a user's object, which counts none.</summary>
    public long? Produced { get; init; }

    /// <summary>Of these, how many were handed to a reader.</summary>
    public long Delivered { get; init; }

    /// <summary>Of these, how many found no room in the ring: the reader was too slow for so small a buffer. Of a user's
    /// object what its perf buffers could not hold; null where it has none, since the kernel doesn't count for rings.</summary>
    public long? RingFull { get; init; }

    /// <summary>Of these, how many nobody has read: they wait in the ring, or the session was stopped before; null for a user's object.</summary>
    public long? Unread => Produced - Delivered - RingFull;

    /// <summary>
    /// Calls whose start could not be kept, so that their end made no event, and calls that found no room in a histogram;
    /// null for a user's object.
    /// </summary>
    public long? MapFull { get; init; }

    /// <summary>Events with text or arguments that were cut; each says so itself too; null for a user's object.</summary>
    public long? Truncated { get; init; }

    /// <summary>
    /// Runs of programs that the kernel skipped because one was under way on that CPU; an upper bound of the events
    /// lost so. Null where the kernel doesn't count them: before Linux 5.12, and before 6.7 for classic tracepoints.
    /// </summary>
    public long? Missed { get; init; }

    /// <summary>Of the delivered, records that could not be decoded: a bug worth reporting, or another struct than was named.</summary>
    public long Undecoded { get; init; }

    /// <summary>All events that were lost, as far as the kernel can tell.</summary>
    public long Lost => (RingFull ?? 0) + (MapFull ?? 0) + (Missed ?? 0) + Undecoded;

    /// <summary>Reads the account from the kernel's counters and the reader's.</summary>
    internal static LossReport Read(string name, TimeSpan elapsed, IEnumerable<ProgramAccount> accounts, EventBatch batch)
    {
        // Before the counters, so that a session that runs never seems to have delivered more than it made.
        long delivered = batch.Delivered;
        ProgramAccount.Counters sum = default;
        long? missed = 0;
        foreach (ProgramAccount account in accounts)
        {
            ProgramAccount.Counters one = account.ReadCounters();
            sum.Produced += one.Produced;
            sum.RingFull += one.RingFull;
            sum.MapFull += one.MapFull;
            sum.Truncated += one.Truncated;
            missed += account.ReadMissed();
        }

        return new LossReport
        {
            Name = name,
            Elapsed = elapsed,
            Produced = (long)sum.Produced,
            Delivered = delivered,
            RingFull = (long)sum.RingFull,
            MapFull = (long)sum.MapFull,
            Truncated = (long)sum.Truncated,
            Missed = missed,
            Undecoded = batch.Undecoded,
        };
    }
}
