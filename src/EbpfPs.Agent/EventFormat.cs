using System.Buffers;
using System.Text;
using System.Text.Json;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Agent;

/// <summary>Writes events, and the report at the end.</summary>
internal interface IEventFormat
{
    /// <summary>What stands before the first event.</summary>
    void Begin(IBufferWriter<byte> output);

    /// <summary>One event, with the end of its line.</summary>
    void Write(EbpfEvent one, IBufferWriter<byte> output);

    /// <summary>The report, as one line.</summary>
    string Report(LossReport loss);
}

/// <summary>NDJSON: one object a line, with every public property of the event under its own name.</summary>
internal sealed class JsonFormat : IEventFormat, IDisposable
{
    private static readonly JsonSerializerOptions _reportOptions = new() { Encoder = JsonValue.Encoder };

    private readonly Dictionary<Type, EventField[]> _fields = [];
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JsonValue.Encoder, SkipValidation = true });

    public void Begin(IBufferWriter<byte> output)
    {
    }

    public void Write(EbpfEvent one, IBufferWriter<byte> output)
    {
        Type type = one.GetType();
        if (!_fields.TryGetValue(type, out EventField[]? fields))
        {
            _fields[type] = fields = EventField.Of(type);
        }

        _json.Reset(output);
        _json.WriteStartObject();
        foreach (EventField field in fields)
        {
            field.WriteJson(_json, one);
        }

        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    public string Report(LossReport loss) => JsonSerializer.Serialize(loss, _reportOptions);

    public void Dispose() => _json.Dispose();
}

/// <summary>Columns for people. Nothing in an event can drive the terminal.</summary>
internal sealed class TextFormat : IEventFormat
{
    private readonly int _width;
    private readonly Dictionary<Type, EventField[]> _own = [];

    /// <summary>Creates the format.</summary>
    /// <param name="width">Longer lines are cut; 0 for none.</param>
    public TextFormat(int width) => _width = width;

    public void Begin(IBufferWriter<byte> output) => Line(output, "TIME", "PROBE", "PID", "USER", "PROCESS", "RESULT", "WHAT");

    public void Write(EbpfEvent one, IBufferWriter<byte> output)
    {
        (string result, string what) = one switch
        {
            ExecEvent exec => (exec.ErrorNumber == 0 ? "ok" : exec.ErrorName, exec.ErrorNumber == 0 ? exec.CommandLine : ShellQuoting.Quote(exec.FileName)),
            OpenEvent open => (open.ErrorNumber == 0 ? $"fd {open.FileDescriptor}" : open.ErrorName, open.FileName),
            ExitEvent exit => (exit.Signal == 0 ? $"{exit.ExitCode}" : exit.SignalName, $"after {exit.Lifetime.TotalSeconds:0.000000} s"),
            ConnectEvent connect => (connect.ErrorNumber == 0 ? "ok" : connect.ErrorName, Ends(connect)),
            LatencyEvent call => (call.ErrorNumber == 0 ? $"{call.ReturnValue}" : call.ErrorName, $"{call.Syscall} took {call.DurationNs / 1e6:0.000} ms"),
            _ => ("", Own(one)),
        };
        Line(output, $"{one.Time:HH:mm:ss.fff}", one.Probe, $"{one.ProcessId}", one.UserName, one.ProcessName, result, what);
    }

    public string Report(LossReport loss)
    {
        string account = $"{loss.Name}: {loss.Produced} events in {loss.Elapsed.TotalSeconds:0.0} s, {loss.Delivered} delivered";
        (string Text, long? Count)[] reasons =
        [
            ("left unread", loss.Unread),
            ("lost because the ring was full", loss.RingFull),
            ("calls not followed because a map was full", loss.MapFull),
            ("runs skipped by the kernel", loss.Missed ?? 0),
            ("not decoded", loss.Undecoded),
            ("with text that was cut", loss.Truncated),
        ];
        string[] told = reasons.Where(reason => reason.Count is not (null or 0)).Select(reason => $"{reason.Count} {reason.Text}").ToArray();
        return $"{string.Join(", ", [account, .. told])}.{Verdict(loss)}";
    }

    /// <summary>Where the kernel doesn't count the runs that it skips, nobody knows whether anything was lost so.</summary>
    private static string Verdict(LossReport loss) => loss switch
    {
        { Lost: > 0 } => "",
        { Missed: null } => " Nothing was lost that this kernel counts.",
        _ => " Nothing was lost.",
    };

    private static string Ends(ConnectEvent connect) =>
        $"{connect.Action.ToString().ToLowerInvariant()} {connect.LocalAddress}:{connect.LocalPort} {(connect.Action == ConnectAction.Accept ? "<-" : "->")} {connect.RemoteAddress}:{connect.RemotePort}";

    /// <summary>The properties that only this type has, for a probe that has no line of its own above.</summary>
    private string Own(EbpfEvent one)
    {
        Type type = one.GetType();
        if (!_own.TryGetValue(type, out EventField[]? fields))
        {
            _own[type] = fields = EventField.Of(type).Where(field => typeof(EbpfEvent).GetProperty(field.Name) is null).ToArray();
        }

        return string.Join(' ', fields.Select(field => (field.Name, Text: field.ToText(one))).Where(pair => pair.Text != "").Select(pair => $"{pair.Name}={pair.Text}"));
    }

    private void Line(IBufferWriter<byte> output, string time, string probe, string pid, string user, string process, string result, string what)
    {
        string line = $"{time,-12} {probe,-7} {pid,7} {TerminalText.Escape(user),-10} {TerminalText.Escape(process),-15} {result,-8} {TerminalText.Escape(what)}";
        if (_width > 0 && line.Length > _width)
        {
            line = line[..(_width - 1)] + "…";
        }

        Encoding.UTF8.GetBytes(line, output);
        output.Write("\n"u8);
    }
}
