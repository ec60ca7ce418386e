using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Shows how far the reading of a large map is. A hash doesn't say how many entries it has, so the bar is of those that fit.</summary>
internal sealed class ReadingProgress(Cmdlet command, KernelMap map)
{
    private const int Activity = 1;

    /// <summary>The clock is looked at once in so many entries.</summary>
    private const int Step = 1024;

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _shown;
    private long _entries;

    /// <summary>One entry more was read.</summary>
    public void Advance()
    {
        if (++_entries % Step != 0)
        {
            return;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed - _shown >= _interval)
        {
            _shown = elapsed;
            string status = string.Create(CultureInfo.InvariantCulture, $"{_entries:N0} entries; {map.MaxEntries:N0} fit");
            command.WriteProgress(new ProgressRecord(Activity, $"Reading map {map.Name}", status)
            {
                PercentComplete = (int)Math.Min(100, _entries * 100 / Math.Max(1, map.MaxEntries)),
            });
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void Complete()
    {
        if (_shown > TimeSpan.Zero)
        {
            command.WriteProgress(new ProgressRecord(Activity, $"Reading map {map.Name}", "Done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
