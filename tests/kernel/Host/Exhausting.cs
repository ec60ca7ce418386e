using System.Reflection;
using EbpfPs.Interop;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>What came of a start with so many descriptors left.</summary>
/// <param name="Free">How many more files could be opened; -1 where nothing was done about it.</param>
/// <param name="Id">The error's id, or the name of an exception that is no <see cref="EbpfException"/>; empty when the session ran.</param>
/// <param name="Message">What it said.</param>
/// <param name="Hint">What it advised.</param>
/// <param name="Left">Descriptors that were open afterwards and not before, by kind; empty when none was.</param>
internal sealed record Attempt(int Free, string Id, string Message, string Hint, string Left);

/// <summary>
/// Starts sessions with no descriptor left, with one, with two, until one runs: every step of a start has failed once
/// then. In the end, with the old limit, the same session must start.
/// </summary>
internal static class Exhausting
{
    private const int Most = 1000;

    /// <summary>Lowers the limit before a session is loaded, or between that and its start.</summary>
    public static void Run(SessionOptions options, bool loadFirst)
    {
        // Assemblies are files too, and the runtime has no second try for one that it could not open.
        LoadReferences(typeof(Exhausting).Assembly, []);
        HostProgram.Print("attempt", new Attempt(-1, "none", "", "", ""));
        bool running = false;
        for (int free = 0; !running && free < Most; free++)
        {
            Attempt attempt = Try(options, loadFirst, free);
            HostProgram.Print("attempt", attempt);
            running = attempt.Id.Length == 0;
        }

        Counting.Run(options);
    }

    /// <summary>Starts a session once, with what there is.</summary>
    public static Attempt Once(SessionOptions options) => Try(options, loadFirst: false, null);

    private static void LoadReferences(Assembly assembly, HashSet<string> loaded)
    {
        foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(name => loaded.Add(name.FullName)))
        {
            LoadReferences(Assembly.Load(name), loaded);
        }
    }

    private static Attempt Try(SessionOptions options, bool loadFirst, int? free)
    {
        string[] before = Kinds();
        LibBpfError.CheckLibC(LibC.getrlimit(LibC.RLIMIT_NOFILE, out LibC.ResourceLimit old), "read RLIMIT_NOFILE");
        string id = "", message = "", hint = "";
        ProbeSession? session = null;
        try
        {
            session = loadFirst ? ProbeSession.Load(options) : null;
            if (free is int few)
            {
                Allow(few, old.Maximum);
            }

            if (session is null)
            {
                session = ProbeSession.Start(options);
            }
            else
            {
                session.Start();
            }
        }
        catch (EbpfException error)
        {
            (id, message, hint) = (error.Id.ToString(), error.Message, error.Hint);
        }
        catch (Exception error)
        {
            (id, message) = (error.GetType().Name, error.ToString());
        }
        finally
        {
            session?.Dispose();
            LibBpfError.CheckLibC(LibC.setrlimit(LibC.RLIMIT_NOFILE, old), "restore RLIMIT_NOFILE");
        }

        return new Attempt(free ?? -1, id, message, hint, More(before));
    }

    private static string More(string[] before) => string.Join(", ", Kinds().Except(before));

    /// <summary>Descriptors of the kinds that sessions have, with their numbers, and mapped memory of the kernel's maps.</summary>
    private static string[] Kinds() => Directory.GetFileSystemEntries("/proc/self/fd")
        .Select(path => $"{Path.GetFileName(path)} {new FileInfo(path).LinkTarget}")
        .Where(entry => entry.Contains("anon_inode:", StringComparison.Ordinal) || entry.Contains("cgroup", StringComparison.Ordinal))
        .Concat(File.ReadLines("/proc/self/maps").Where(line => line.Contains("anon_inode:", StringComparison.Ordinal)))
        .ToArray();

    /// <summary>Sets the limit so that exactly so many numbers below it are free.</summary>
    private static void Allow(int free, ulong maximum)
    {
        HashSet<int> open = Open();
        int limit = 0;
        for (int left = free; left > 0 || open.Contains(limit); limit++)
        {
            left -= open.Contains(limit) ? 0 : 1;
        }

        LibBpfError.CheckLibC(LibC.setrlimit(LibC.RLIMIT_NOFILE, new LibC.ResourceLimit { Current = (ulong)limit, Maximum = maximum }), "lower RLIMIT_NOFILE");
    }

    /// <summary>The numbers that are open, but for the one that lists them.</summary>
    private static HashSet<int> Open() => Directory.GetFileSystemEntries("/proc/self/fd")
        .Where(path => new FileInfo(path).LinkTarget is not null)
        .Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture))
        .ToHashSet();
}
