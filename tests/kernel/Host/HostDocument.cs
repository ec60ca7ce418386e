using System.Text.Json.Serialization;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>A session runs.</summary>
/// <param name="ProcessId">The program's own pid, in its pid namespace.</param>
/// <param name="Mechanisms">How each probe was attached.</param>
/// <param name="WorkloadId">The pid of what it has started to trace; 0 when nothing.</param>
internal sealed record Ready(int ProcessId, string[] Mechanisms, int WorkloadId = 0);

/// <summary>What an <see cref="EbpfException"/> said.</summary>
internal sealed record Refusal(string Id, int Errno, string Message, string Hint)
{
    public static Refusal Of(EbpfException error) => new(error.Id.ToString(), error.Errno, error.Message, error.Hint);
}

/// <summary>
/// What <see cref="HostProgram"/> prints, written by code that is generated at build: to have it made at run time is most
/// of such a process's start, which an emulated processor has fifty times a run.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(Ready))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(Dictionary<string, Refusal>))]
[JsonSerializable(typeof(Attempt))]
[JsonSerializable(typeof(LossReport))]
[JsonSerializable(typeof(Dictionary<string, ProbeCount>))]
[JsonSerializable(typeof(ConnectEvent))]
[JsonSerializable(typeof(ExecEvent))]
[JsonSerializable(typeof(ExitEvent))]
[JsonSerializable(typeof(LatencyEvent))]
[JsonSerializable(typeof(OpenEvent))]
internal sealed partial class HostDocument : JsonSerializerContext;
