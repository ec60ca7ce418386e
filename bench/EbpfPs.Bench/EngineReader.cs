using System.Runtime.InteropServices;
using System.Text.Json;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Bench;

/// <summary>The engine alone, as a process: decodes every event and does nothing with it until SIGINT or SIGTERM comes.</summary>
internal static class EngineReader
{
    /// <summary>Runs it, and writes the loss report and how many events were the load's to the error stream.</summary>
    /// <param name="probe">The probe's name.</param>
    /// <param name="load">The process name of the load.</param>
    /// <param name="syscall">For the latency probe: the syscall whose histogram is wanted, and no events.</param>
    public static void Run(string probe, string load, string? syscall = null)
    {
        SessionOptions options = syscall is null
            ? new() { Probes = [ProbeCatalog.Find(probe)] }
            : new() { Probes = [ProbeCatalog.Find(probe)], Syscalls = [syscall], MinimumDuration = TimeSpan.FromHours(1) };
        using ProbeSession session = ProbeSession.Start(options);
        long matching = 0;
        using (EventReader reader = session.OpenReader())
        {
            bool stop = false;
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            void End(PosixSignalContext context)
            {
                context.Cancel = true;
                Volatile.Write(ref stop, true);
                reader.Cancel();
            }

            while (!Volatile.Read(ref stop))
            {
                matching += IsOf(reader.Read(Timeout.InfiniteTimeSpan), load);
            }

            reader.Detach();
            while (reader.TryRead() is EbpfEvent rest)
            {
                matching += IsOf(rest, load);
            }
        }

        session.Dispose();
        Console.Error.WriteLine(JsonSerializer.Serialize(session.Loss));
        Console.Error.WriteLine(JsonSerializer.Serialize(new { Matching = matching }));
    }

    private static int IsOf(EbpfRecord? one, string load) => one is EbpfEvent made && made.ProcessName == load ? 1 : 0;
}
