using System.Reflection;
using System.Runtime.InteropServices;

namespace EbpfPs;

/// <summary>
/// Loads the engine that was compiled ahead for this system, if the module's folder has one, before anything needs
/// the portable one beside the module. It names no type of the engine, which would load that one.
/// </summary>
internal static class CompiledEngine
{
    /// <summary>Loads it, or leaves it at the portable one.</summary>
    public static void Load()
    {
        string path = Path.Combine(
            Path.GetDirectoryName(typeof(CompiledEngine).Assembly.Location) ?? "",
            "runtimes",
            $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
            "lib",
            "EbpfPs.Engine.dll");
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
        {
            return;
        }

        try
        {
            Assembly.LoadFrom(path);
        }
        catch (Exception error) when (error is FileLoadException or BadImageFormatException)
        {
            // One is loaded already, or this one is for another system: the portable engine does the same.
            return;
        }
    }
}
