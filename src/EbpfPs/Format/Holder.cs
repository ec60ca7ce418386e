using System.Globalization;
using System.Management.Automation;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Format;

/// <summary>Cells of the views of maps, programs and links. Properties are read by name, for objects from a remote session too.</summary>
public static class Holder
{
    /// <summary>What keeps an object in the kernel: the session, the processes, the path that it is pinned at.</summary>
    public static string Of(PSObject one)
    {
        ArgumentNullException.ThrowIfNull(one);
        string[] all =
        [
            one.BaseObject is SessionMap map ? string.Create(CultureInfo.InvariantCulture, $"session {map.Session.Id} ({map.Session.Name})") : Text(one, nameof(SystemMap.Owner)),
            Text(one, nameof(SystemMap.PinnedPath)),
        ];
        return TerminalText.Escape(string.Join(' ', all.Where(text => text.Length > 0)));
    }

    /// <summary>A C type; its size where the type isn't known.</summary>
    public static string Type(string? name, int size) => string.IsNullOrEmpty(name)
        ? size == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{size} bytes")
        : TerminalText.Escape(name);

    private static string Text(PSObject one, string property) =>
        Convert.ToString(one.Properties[property]?.Value, CultureInfo.InvariantCulture) ?? "";
}
