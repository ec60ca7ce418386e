using System.Globalization;
using System.Management.Automation;
using EbpfPs.Events;

namespace EbpfPs.Format;

/// <summary>
/// An event of whatever kind in two words: how it ended, and what it was about. It stands in tables where events of
/// several probes come in one stream. Properties are read by name, so that events from a remote session or a file do too.
/// </summary>
public static class Summary
{
    /// <summary>How it ended: the errno's name, the exit code or signal, the descriptor, the value.</summary>
    public static string Result(PSObject one)
    {
        ArgumentNullException.ThrowIfNull(one);
        string error = Text(one, nameof(OpenEvent.ErrorName));
        if (error.Length > 0)
        {
            return error;
        }

        string signal = Text(one, nameof(ExitEvent.SignalName));
        return signal.Length > 0
            ? signal
            : First(one, nameof(ExitEvent.ExitCode), nameof(OpenEvent.FileDescriptor), nameof(LatencyEvent.ReturnValue));
    }

    /// <summary>What it was about: the command line, the file, the connection's ends, the syscall.</summary>
    public static string What(PSObject one)
    {
        ArgumentNullException.ThrowIfNull(one);
        string about = Text(one, nameof(ConnectEvent.Action)) switch
        {
            { Length: > 0 } action => $"{action.ToLowerInvariant()} {End(one, "Local")} {(action == nameof(ConnectAction.Accept) ? "<-" : "->")} {End(one, "Remote")}",
            _ => First(one, nameof(ExecEvent.CommandLine), nameof(ExecEvent.FileName), nameof(LatencyEvent.Syscall)),
        };
        string took = Safe.Duration(one.Properties[nameof(ExitEvent.LifetimeNs)]?.Value ?? one.Properties[nameof(OpenEvent.DurationNs)]?.Value);
        return $"{Text(one, nameof(EbpfEvent.Probe))}{(about.Length > 0 ? $": {about}" : "")}{(took.Length > 0 ? $" ({took})" : "")}";
    }

    /// <summary>All of it in one line, safe to show: what PowerShell writes where none of the views can be used.</summary>
    public static string Line(PSObject one)
    {
        string result = Result(one);
        return $"{Text(one, nameof(EbpfEvent.ProcessName))} ({Text(one, nameof(EbpfEvent.UserName))}) {What(one)}{(result.Length > 0 ? $" = {result}" : "")}";
    }

    private static string End(PSObject one, string side) => Safe.End(
        Text(one, side + "Address"),
        Convert.ToInt32(one.Properties[side + "Port"]?.Value, CultureInfo.InvariantCulture));

    private static string First(PSObject one, params string[] properties) =>
        properties.Select(property => Text(one, property)).FirstOrDefault(text => text.Length > 0, "");

    private static string Text(PSObject one, string property) => Safe.Text(one.Properties[property]?.Value);
}
