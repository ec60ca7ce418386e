using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>The syscalls of this machine: their names, their tracepoints and what they take.</summary>
public static partial class SyscallCatalog
{
    private const string Category = "syscalls";

    /// <summary>Calls that don't come back to where they were made: nothing could be said of how long they took.</summary>
    private static readonly string[] _neverReturn = ["exit", "exit_group", "rt_sigreturn", "sigreturn"];

    /// <summary>
    /// Tracepoints are named after the kernel's functions, which is another name than the table's for some calls
    /// (arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl have both).
    /// </summary>
    private static readonly Dictionary<string, string> _functions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["stat"] = "newstat",
        ["lstat"] = "newlstat",
        ["fstat"] = "newfstat",
        ["uname"] = "newuname",
        ["umount2"] = "umount",
        ["sendfile"] = "sendfile64",
    };

    /// <summary>
    /// The names of the syscalls of 64-bit processes that can be traced, sorted: those that the kernel has tracepoints
    /// for, or where tracefs can't be read, all that the table knows.
    /// </summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            bool all = KernelSupport.Tracefs is null;
            return SyscallNames.Native.Names
                .Where(name => Returns(name) && (all || Tracepoint(name) is not null))
                .Order(StringComparer.Ordinal)
                .ToArray();
        }
    }

    /// <summary>What a call takes, as the kernel declares it: <c>read(unsigned int fd, char * buf, size_t count)</c>.</summary>
    /// <returns>The name alone where tracefs can't be read or has no such call.</returns>
    public static string Signature(string name)
    {
        string? folder = Tracepoint(name) is string function ? KernelSupport.TracepointFolder(Category, $"sys_enter_{function}") : null;
        if (folder is null)
        {
            return name;
        }

        // The fields after the number are the arguments; those before it are every tracepoint's own.
        IEnumerable<string> arguments = FieldPattern().Matches(File.ReadAllText(Path.Combine(folder, "format")))
            .Select(field => field.Groups["declaration"].Value)
            .SkipWhile(declaration => declaration != "int __syscall_nr")
            .Skip(1);
        return $"{name}({string.Join(", ", arguments)})";
    }

    /// <summary>Whether a call comes back to where it was made.</summary>
    internal static bool Returns(string name) => !_neverReturn.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A call's name in tracefs, behind <c>sys_enter_</c>; null where there is none or a 64-bit process has no such call.</summary>
    internal static string? Tracepoint(string name)
    {
        string function = _functions.GetValueOrDefault(name, name).ToLowerInvariant();
        return SyscallNames.Native.NumberOf(name) is not null && KernelSupport.TracepointFolder(Category, $"sys_enter_{function}") is not null
            ? function
            : null;
    }

    /// <summary>Refuses a name that is no syscall of this machine's 64-bit or 32-bit processes.</summary>
    /// <exception cref="EbpfException">It is none, or one that never returns; the hint has the name that was meant.</exception>
    internal static void Require(string name)
    {
        if (!Returns(name))
        {
            throw SessionOptions.Invalid($"Syscall '{name}' never returns, so it has no latency.", "The exit probe shows how processes end.", name);
        }

        if (SyscallNames.Native.NumberOf(name) is null && SyscallNames.Compat.NumberOf(name) is null)
        {
            string meant = _functions.FirstOrDefault(call => call.Value.Equals(name, StringComparison.OrdinalIgnoreCase)).Key
                ?? Spelling.Nearest(name, SyscallNames.Native.Names.Concat(SyscallNames.Compat.Names).Where(Returns))
                ?? "";
            string hint = meant.Length > 0 ? $"Did you mean '{meant}'? " : "";
            throw new EbpfException(EbpfErrorId.NotFound, $"There is no syscall '{name}'.", hint + "syscalls(2) lists them.", target: name);
        }
    }

    [GeneratedRegex(@"^\s*field:(?<declaration>[^;]+);", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex FieldPattern();
}
