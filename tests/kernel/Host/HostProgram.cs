using System.Globalization;
using System.Text.Json;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>
/// The engine in a process of its own, for what can't be tested in the tests' process: other users, other
/// namespaces, an end by a signal. HostProcess starts it and reads what it prints, a JSON document a line.
/// </summary>
internal static class HostProgram
{
    public static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["watch", string probes, .. string[] options]:
                    Watch(Options(probes, options));
                    return 0;
                case ["refused", string probes]:
                    Refuse(probes);
                    return 0;
                case ["count", string probes, .. string[] options]:
                    Counting.Run(Options(probes, options));
                    return 0;
                case ["exhaust", string probes, string when, .. string[] options]:
                    Exhausting.Run(Options(probes, options), loadFirst: when == "attach");
                    return 0;
                case ["once", string probes, .. string[] options]:
                    Print("attempt", Exhausting.Once(Options(probes, options)));
                    Print("ready", new Ready(Environment.ProcessId, []));
                    return 0;
                case ["record", string folder]:
                    RecordingProgram.Run(folder);
                    return 0;
                case ["workload", string mechanism, string outside]:
                    TraceWorkload(mechanism, outside);
                    return 0;
                case ["damaged", string seed, string first, string count]:
                    DamagedObject.Open(int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
                    return 0;
                default:
                    Console.Error.WriteLine("watch|count PROBES [KEY=VALUE...], refused PROBES, exhaust PROBES load|attach [KEY=VALUE...], once PROBES [KEY=VALUE...], record FOLDER, workload MECHANISM FILE, or damaged SEED FIRST COUNT");
                    return 2;
            }
        }
        catch (EbpfException error)
        {
            Print("error", Refusal.Of(error));
            return 1;
        }
    }

    /// <summary>Traces until a line comes on standard input.</summary>
    private static void Watch(SessionOptions options)
    {
        using ProbeSession session = ProbeSession.Start(options);
        using (EventReader reader = session.OpenReader())
        {
            PrintReady(session);
            Task<string?> end = Task.Run(Console.In.ReadLine);
            while (!end.IsCompleted)
            {
                PrintEvent(reader.Read(TimeSpan.FromMilliseconds(20)));
            }

            reader.Detach();
            for (EbpfRecord? taken = reader.TryRead(); taken is not null; taken = reader.TryRead())
            {
                PrintEvent(taken);
            }
        }

        Print("loss", session.Loss);
    }

    /// <summary>Tries each probe alone, and prints why it could not be started, or that it could.</summary>
    private static void Refuse(string probes)
    {
        Dictionary<string, Refusal> refusals = [];
        foreach (string probe in probes.Split(','))
        {
            try
            {
                ProbeSession.Start(Options(probe, [])).Dispose();
                refusals[probe] = new Refusal("", 0, "it started", "");
            }
            catch (EbpfException error)
            {
                refusals[probe] = Refusal.Of(error);
            }
        }

        Print("refused", refusals);
    }

    /// <summary>Says that a session runs.</summary>
    public static void PrintReady(ProbeSession session) =>
        Print("ready", new Ready(Environment.ProcessId, [.. session.Probes.Select(probe => probe.Mechanism.Name)]));

    /// <summary>Prints a document with its kind before it.</summary>
    public static void Print(string kind, object what)
    {
        Console.Out.WriteLine($"{kind} {JsonSerializer.Serialize(what, what.GetType(), HostDocument.Default)}");
        Console.Out.Flush();
    }

    /// <summary>
    /// Traces a workload that is started here by its pid, and then, without a filter, a file that somebody opens who
    /// need not be in this pid namespace.
    /// </summary>
    private static void TraceWorkload(string mechanism, string outside)
    {
        using GatedWorkload workload = GatedWorkload.Start("opening", "odd");
        SessionOptions options = Recorder.Options("open", new ProcessFilter { ProcessIds = [workload.ProcessId] }, mechanism);
        Recording own = Recorder.Record(options, () => workload.Finish());
        foreach (EbpfEvent seen in own.Events)
        {
            PrintEvent(seen);
        }

        string mine = outside + ".mine";
        Recording all = Recorder.Record(Recorder.Options("open", null, mechanism), () =>
        {
            TryOpen(mine);
            Print("ready", new Ready(Environment.ProcessId, [], workload.ProcessId));
            Console.In.ReadLine();
        });
        foreach (OpenEvent seen in all.Of<OpenEvent>().Where(seen => seen.FileName == outside || seen.FileName == mine))
        {
            PrintEvent(seen);
        }
    }

    private static void TryOpen(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
        }
        catch (FileNotFoundException)
        {
            // As it should be: the call was made, which is what counts.
            return;
        }
    }

    private static SessionOptions Options(string probes, string[] options)
    {
        ILookup<string, string> values = options.Select(option => option.Split('=', 2)).ToLookup(pair => pair[0], pair => pair[1]);
        return new SessionOptions
        {
            Probes = probes.Split(',').Select(ProbeCatalog.Find).ToArray(),
            Mechanism = values["mechanism"].FirstOrDefault(),
            Syscalls = values["syscall"].ToArray(),
            MinimumDuration = values["minimum"].Select(value => (TimeSpan?)TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture))).FirstOrDefault(),
            BufferSize = values["buffer"].Select(value => long.Parse(value, CultureInfo.InvariantCulture)).FirstOrDefault(SessionOptions.DefaultBufferSize),
            Filter = new ProcessFilter
            {
                ProcessIds = values["pid"].Select(value => int.Parse(value, CultureInfo.InvariantCulture)).ToArray(),
                ProcessNames = values["name"].ToArray(),
                CgroupPaths = values["cgroup"].ToArray(),
                IncludeChild = values["child"].Any(),
            },
        };
    }

    private static void PrintEvent(EbpfRecord? seen)
    {
        if (seen is not null)
        {
            Print("event", seen);
        }
    }
}
