using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Codegen;

namespace EbpfPs.Probes;

/// <summary>Where a function of a source is to run, as -Attach says it: <c>syscall:execve</c>.</summary>
internal static partial class SourceHook
{
    private const string Forms =
        "Say syscall:NAME, syscall-return:NAME, tracepoint:CATEGORY:NAME, raw-tracepoint:NAME, function:NAME or function-return:NAME.";

    /// <summary>Chooses the mechanism that this kernel has for it.</summary>
    /// <param name="function">The function's name in the source.</param>
    /// <param name="hook">Where it is to run.</param>
    /// <param name="registers">Whether the source reads registers, which fentry doesn't have.</param>
    /// <exception cref="EbpfException">There is no such place, or none of its mechanisms works here.</exception>
    public static EntryPoint Resolve(string function, string hook, bool registers = false)
    {
        string[] parts = hook.Split(':');
        return (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("syscall", 2) => Syscall(function, parts[1], "enter"),
            ("syscall-return", 2) => Syscall(function, parts[1], "exit"),
            ("tracepoint", 3) => Tracepoint(function, parts[1], parts[2]),
            ("raw-tracepoint", 2) => new EntryPoint(function, "raw_tracepoint/" + parts[1], ArgumentSource.Context, []),
            ("function", 2) => KernelFunction(function, parts[1], returns: false, registers),
            ("function-return", 2) => KernelFunction(function, parts[1], returns: true, registers),
            _ => throw new EbpfException(EbpfErrorId.InvalidArgument, $"-Attach '{hook}' is no place where a program can run.", Forms, target: hook),
        };
    }

    /// <summary>Where a function runs by its name, as bcc has it: kprobe__NAME, kretprobe__NAME, tracepoint__CATEGORY__NAME, raw_tracepoint__NAME, and syscall__NAME of a syscall.</summary>
    /// <returns>The place; null where the name says none.</returns>
    public static string? OfName(string function)
    {
        int mark = function.IndexOf("__", StringComparison.Ordinal);
        if (mark <= 0 || mark + 2 == function.Length)
        {
            return null;
        }

        string name = function[(mark + 2)..];
        string? syscall = SyscallFunction().Match(name) is { Success: true } match && SyscallCatalog.Tracepoint(match.Groups["name"].Value) is not null
            ? match.Groups["name"].Value
            : null;
        return function[..mark] switch
        {
            "kprobe" => syscall is null ? "function:" + name : "syscall:" + syscall,
            "kretprobe" => syscall is null ? "function-return:" + name : "syscall-return:" + syscall,
            "tracepoint" => SplitTracepoint(name) is (string category, string tracepoint) ? $"tracepoint:{category}:{tracepoint}" : null,
            "raw_tracepoint" => "raw-tracepoint:" + name,
            "syscall" => SyscallCatalog.Tracepoint(name) is not null ? "syscall:" + name : null,
            _ => null,
        };
    }

    /// <summary>The struct that a tracepoint gives its programs.</summary>
    /// <param name="name">CATEGORY__NAME.</param>
    /// <exception cref="EbpfException">There is no such tracepoint, or tracefs can't be read.</exception>
    public static string DeclareTracepoint(string name)
    {
        RequireTracepoints(name);
        return SplitTracepoint(name) is (string category, string tracepoint) && KernelSupport.TracepointFolder(category, tracepoint) is string folder
            ? TracepointFormat.Declare(folder, category, tracepoint)
            : throw NoTracepoint(name.Replace("__", ":", StringComparison.Ordinal), name);
    }

    private static (string Category, string Name)? SplitTracepoint(string name)
    {
        for (int at = name.IndexOf("__", StringComparison.Ordinal); at > 0; at = name.IndexOf("__", at + 1, StringComparison.Ordinal))
        {
            if (KernelSupport.TracepointFolder(name[..at], name[(at + 2)..]) is not null)
            {
                return (name[..at], name[(at + 2)..]);
            }
        }

        return null;
    }

    private static EbpfException NoTracepoint(string shown, string target) =>
        new(EbpfErrorId.NotFound, $"There is no tracepoint '{shown}'.", "tracefs has them: ls /sys/kernel/tracing/events/*/*", target: target);

    /// <summary>Every kernel that has tracepoints at all has those of the syscalls, with kprobes or without.</summary>
    private static EntryPoint Syscall(string function, string name, string end)
    {
        RequireTracepoints(name);
        // By the kernel's own name, too, as bcc's users know it: umount is umount2.
        string traced = SyscallCatalog.Tracepoint(name) ?? SyscallCatalog.Names.Select(SyscallCatalog.Tracepoint).FirstOrDefault(function => function == name) ?? throw new EbpfException(
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
            : throw NoTracepoint($"{category}:{name}", name);
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
    private static EntryPoint KernelFunction(string function, string name, bool returns, bool registers)
    {
        (string Feature, string Section, ArgumentSource Arguments)[] ways = returns
            ? [("kprobe", "kretprobe/", ArgumentSource.RegistersReturn), ("fexit", "fexit/", ArgumentSource.TypedReturn)]
            : [("fentry", "fentry/", ArgumentSource.Typed), ("kprobe", "kprobe/", ArgumentSource.Registers)];
        RequireFunction(name);
        List<KernelFeature> missing = [];
        foreach ((string feature, string section, ArgumentSource arguments) in ways.Where(way => !registers || way.Feature == "kprobe"))
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
            $"Kernel function '{name}' can't be traced here{(registers ? " with the registers that the source reads" : "")}. {string.Join(" ", missing.Select(feature => $"{feature.Name}: {feature.Reason}"))}",
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

    /// <summary>A syscall's function: sys_openat, __x64_sys_openat.</summary>
    [GeneratedRegex(@"^(?:__(?:x64|arm64|se|do)_)?(?:sys|SyS)_(?<name>\w+)$")]
    private static partial Regex SyscallFunction();

    [GeneratedRegex(@"(\w+)(?=[,)])")]
    private static partial Regex Argument();
}
