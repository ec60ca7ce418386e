using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Codegen;

namespace EbpfPs.Probes;

/// <summary>Where a function of a source is to run, as -Attach says it: <c>syscall:execve</c>.</summary>
internal static partial class SourceHook
{
    private const string Forms =
        "Say syscall:NAME, syscall-return:NAME, tracepoint:CATEGORY:NAME, function:NAME or function-return:NAME.";

    /// <summary>Chooses the mechanism that this kernel has for it.</summary>
    /// <param name="function">The function's name in the source.</param>
    /// <param name="hook">Where it is to run.</param>
    /// <exception cref="EbpfException">There is no such place, or none of its mechanisms works here.</exception>
    public static EntryPoint Resolve(string function, string hook)
    {
        string[] parts = hook.Split(':');
        return (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("syscall", 2) => Syscall(function, parts[1], "enter"),
            ("syscall-return", 2) => Syscall(function, parts[1], "exit"),
            ("tracepoint", 3) => Tracepoint(function, parts[1], parts[2]),
            ("function", 2) => KernelFunction(function, parts[1], returns: false),
            ("function-return", 2) => KernelFunction(function, parts[1], returns: true),
            _ => throw new EbpfException(EbpfErrorId.InvalidArgument, $"-Attach '{hook}' is no place where a program can run.", Forms, target: hook),
        };
    }

    /// <summary>Every kernel that has tracepoints at all has those of the syscalls, with kprobes or without.</summary>
    private static EntryPoint Syscall(string function, string name, string end)
    {
        RequireTracepoints(name);
        string traced = SyscallCatalog.Tracepoint(name) ?? throw new EbpfException(
            EbpfErrorId.NotFound,
            $"There is no syscall '{name}' that can be traced here.",
            Spelling.Nearest(name, SyscallCatalog.Names) is string meant ? $"Did you mean '{meant}'?" : "",
            target: name);
        string[] names = SyscallCatalog.Signature(name) is string signature && signature.Contains('(', StringComparison.Ordinal)
            ? Argument().Matches(signature).Select(match => match.Groups[1].Value).ToArray()
            : [];
        return end == "enter"
            ? new EntryPoint(function, $"tracepoint/syscalls/sys_enter_{traced}", ArgumentSource.SyscallEntry, names)
            : new EntryPoint(function, $"tracepoint/syscalls/sys_exit_{traced}", ArgumentSource.SyscallReturn, []);
    }

    private static EntryPoint Tracepoint(string function, string category, string name)
    {
        RequireTracepoints(name);
        return KernelSupport.TracepointFolder(category, name) is not null
            ? new EntryPoint(function, $"tracepoint/{category}/{name}", ArgumentSource.Context, [])
            : throw new EbpfException(
                EbpfErrorId.NotFound, $"There is no tracepoint '{category}:{name}'.", "tracefs has them: ls /sys/kernel/tracing/events/*/*", target: name);
    }

    private static void RequireTracepoints(string target)
    {
        if (!KernelSupport.ClassicTracepoints)
        {
            KernelFeature feature = KernelFeatures.Test("tracepoint");
            throw new EbpfException(EbpfErrorId.NotSupported, $"Tracepoints can't be used here. {feature.Reason}", feature.Remedy, target: target);
        }
    }

    /// <summary>fentry has the arguments' types, a kretprobe needs no newer helper for the result.</summary>
    private static EntryPoint KernelFunction(string function, string name, bool returns)
    {
        (string Feature, string Section, ArgumentSource Arguments)[] ways = returns
            ? [("kprobe", "kretprobe/", ArgumentSource.RegistersReturn), ("fexit", "fexit/", ArgumentSource.TypedReturn)]
            : [("fentry", "fentry/", ArgumentSource.Typed), ("kprobe", "kprobe/", ArgumentSource.Registers)];
        RequireFunction(name);
        List<KernelFeature> missing = [];
        foreach ((string feature, string section, ArgumentSource arguments) in ways)
        {
            KernelFeature found = KernelFeatures.Test(feature);
            if (found.Supported)
            {
                return new EntryPoint(function, section + name, arguments, []);
            }

            missing.Add(found);
        }

        throw new EbpfException(
            EbpfErrorId.NotSupported,
            $"Kernel function '{name}' can't be traced here. {string.Join(" ", missing.Select(feature => $"{feature.Name}: {feature.Reason}"))}",
            string.Join(" ", missing.Select(feature => feature.Remedy).Where(remedy => remedy.Length > 0).Distinct()),
            target: name);
    }

    private static void RequireFunction(string name)
    {
        if (!File.ReadLines("/proc/kallsyms").Any(line => line.Split([' ', '\t'], 4) is [_, "t" or "T" or "w" or "W", string symbol, ..] && symbol == name))
        {
            throw new EbpfException(
                EbpfErrorId.NotFound, $"This kernel has no function '{name}'.", "It may be inlined, or have another name here: grep it in /proc/kallsyms.", target: name);
        }
    }

    [GeneratedRegex(@"(\w+)(?=[,)])")]
    private static partial Regex Argument();
}
