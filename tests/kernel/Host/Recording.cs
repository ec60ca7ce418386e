using System.Buffers.Binary;
using System.Text;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>A probe whose records are kept as they come from the kernel.</summary>
internal sealed class RecordingProbe(ProbeSpec probe) : ProbeSpec
{
    public List<byte[]> Records { get; } = [];

    public override string Name => probe.Name;

    public override string Description => probe.Description;

    public override EventKind Kind => probe.Kind;

    public override Type EventType => probe.EventType;

    public override IReadOnlyList<ProbeMechanism> Mechanisms => probe.Mechanisms;

    public override int Streams => probe.Streams;

    public override IReadOnlyList<string> OwnOptions => probe.OwnOptions;

    public override EbpfEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        Records.Add(record.ToArray());
        return probe.Decode(record, context);
    }

    public override IReadOnlyList<string> ProgramsHere(ProbeMechanism mechanism) => probe.ProgramsHere(mechanism);

    public override IReadOnlyList<TracepointHook> Tracepoints(SessionOptions options) => probe.Tracepoints(options);

    public override void Configure(OpenedBpfObject obj, SessionOptions options) => probe.Configure(obj, options);
}

/// <summary>Makes the files that the fuzzer of the unit tests mutates: some records of each probe.</summary>
internal static class RecordingProgram
{
    private const int MostOfEach = 24;
    private const int MostAlike = 6;

    /// <summary>Ways to run the workloads: each makes other records.</summary>
    private static readonly string[][] _workloads =
    [
        ["execing", "odd", "/bin/true"], ["execing", "odd", "/no/such/file"], ["execing", "long", "/bin/true", "3", "2000"],
        ["execing", "none", "/bin/true"], ["execing", "long", "/no/such/file", "300", "3"],
        ["opening", "odd"], ["opening", "long", "4095"], ["opening", "long", "5000"], ["opening", "bad"],
    ];

    private static readonly string[][] _more =
    [
        ["connecting", "pair", "4", "10", "20", "client"], ["connecting", "pair", "6", "0", "1000", "server"],
        ["connecting", "pair", "mapped", "1", "1", "client"], ["connecting", "refused", "4"],
        ["exiting", "code", "3"], ["exiting", "signal", "9"], ["exiting", "sleep", "10"],
    ];

    public static void Run(string folder)
    {
        RecordingProbe[] probes = ProbeCatalog.All.Select(probe => new RecordingProbe(probe)).ToArray();
        SessionOptions options = new()
        {
            Probes = probes,
            Filter = new ProcessFilter { ProcessNames = ["execing", "opening", "connecting", "accepting", "exiting", "odd", "true"] },
            Syscalls = ["read", "write", "openat", "execve", "connect"],
            MinimumDuration = TimeSpan.Zero,
        };
        Recorder.Record(options, () =>
        {
            foreach (string[] words in _workloads)
            {
                using GatedWorkload workload = GatedWorkload.Start(words[0], words[1..]);
                workload.Finish();
            }

            foreach (string[] words in _more)
            {
                Workload.Run(words[0], words[1..]);
            }
        });

        // Where the workloads lie is of this machine alone.
        byte[] where = Encoding.UTF8.GetBytes(Path.GetDirectoryName(Workload.PathOf("opening"))!);
        foreach (RecordingProbe probe in probes)
        {
            // Of those that are alike in length a few: the rest says nothing new.
            byte[][] chosen = probe.Records
                .Where(record => record.AsSpan().IndexOf(where) < 0)
                .GroupBy(record => record.Length)
                .SelectMany(alike => alike.Take(MostAlike))
                .Take(MostOfEach)
                .ToArray();
            using FileStream file = File.Create(Path.Combine(folder, probe.Name + ".bin"));
            foreach (byte[] record in chosen)
            {
                byte[] length = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(length, record.Length);
                file.Write(length);
                file.Write(record);
            }
        }
    }
}
