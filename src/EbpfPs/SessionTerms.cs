using EbpfPs.Probes;

namespace EbpfPs;

/// <summary>What a session's starter wants done about loss, and what has been said about it.</summary>
/// <param name="lossAction">What to do.</param>
internal sealed class SessionTerms(LossAction lossAction)
{
    private readonly object _lock = new();
    private long _said;

    /// <summary>What to do about loss.</summary>
    public LossAction LossAction { get; } = lossAction;

    /// <summary>How many events were lost that nobody has been told of; they count as told from now on.</summary>
    public long TakeNews(LossReport loss)
    {
        lock (_lock)
        {
            long news = Math.Max(0, loss.Lost - _said);
            _said += news;
            return news;
        }
    }
}
