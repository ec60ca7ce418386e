namespace EbpfPs.Bench;

/// <summary>Who traces: EbpfPs in one of its forms, or a peer.</summary>
internal sealed record Tracer
{
    /// <summary>What the table calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Its program and arguments; empty for nobody.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The same, writing each line at once, to see when the first event comes; empty when it can't.</summary>
    public IReadOnlyList<string> LineCommand { get; init; } = [];

    /// <summary>What each line of a load's event has in it; empty when it writes no lines.</summary>
    public string Line { get; init; } = "";

    /// <summary>How many such lines an operation makes.</summary>
    public int LinesPerOperation { get; init; } = 1;

    /// <summary>How it tells of losses, for people to read; empty when it does not.</summary>
    public string Account { get; init; } = "";

    /// <summary>Why it can't be measured here; empty when it can.</summary>
    public string Missing { get; init; } = "";

    /// <summary>Whether it writes to /dev/null, not into a file in memory.</summary>
    public bool Discards { get; init; }
}

/// <summary>What one run of a tracer beside a load showed.</summary>
/// <param name="Load">The load's own account.</param>
/// <param name="Delivered">Lines, or events by the tracer's own account; null when it has neither.</param>
/// <param name="Lost">Events it says were lost; null when it says nothing.</param>
/// <param name="CpuSeconds">The tracer's processor time, from before the load until it had caught up.</param>
/// <param name="Megabytes">Its peak resident memory.</param>
internal sealed record TracerResult(LoadResult Load, long? Delivered, long? Lost, double CpuSeconds, double Megabytes)
{
    /// <summary>The same load untraced, just before.</summary>
    public LoadResult? Untraced { get; init; }
}
