using System.Text.Json;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>What a reader that only counts has seen of one probe.</summary>
internal sealed record ProbeCount(long Events, long Gaps, long LastTimestampNs);

/// <summary>
/// Reads a session at full speed and keeps nothing of it but counts, which it prints for each line on standard
/// input: after <c>?</c> those until now; any other line ends the session, and the counts are final.
/// </summary>
internal sealed class Counting
{
    private readonly Dictionary<string, SequenceCheck> _checks = [];
    private readonly Dictionary<string, long> _last = [];

    /// <summary>Runs a session until it is told to end.</summary>
    public static void Run(SessionOptions options)
    {
        using ProbeSession session = ProbeSession.Start(options);
        using (EventReader reader = session.OpenReader())
        {
            HostProgram.PrintReady(session);
            new Counting().Read(reader);
        }

        HostProgram.Print("loss", session.Loss);
    }

    private void Read(EventReader reader)
    {
        Task<string?> line = Task.Run(Console.In.ReadLine);
        while (true)
        {
            Count(reader.Read(TimeSpan.FromMilliseconds(20)) as EbpfEvent);
            if (!line.IsCompleted)
            {
                continue;
            }

            if (line.Result != "?")
            {
                break;
            }

            Print();
            line = Task.Run(Console.In.ReadLine);
        }

        reader.Detach();
        while (reader.TryRead() is EbpfEvent taken)
        {
            Count(taken);
        }

        Print();
    }

    private void Count(EbpfEvent? taken)
    {
        if (taken is null)
        {
            return;
        }

        if (!_checks.TryGetValue(taken.Probe, out SequenceCheck? check))
        {
            _checks[taken.Probe] = check = new SequenceCheck();
        }

        check.Add(taken);
        _last[taken.Probe] = taken.TimestampNs;
    }

    private void Print() =>
        HostProgram.Print("counts", _checks.ToDictionary(pair => pair.Key, pair => new ProbeCount(pair.Value.Events, pair.Value.Gaps, _last[pair.Key])));

    /// <summary>Reads what <see cref="Print"/> has written.</summary>
    public static Dictionary<string, ProbeCount> Parse(JsonElement counts) => counts.Deserialize<Dictionary<string, ProbeCount>>()!;
}
