using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Attaches programs of a user's object: by their sections, or to what the options name where a section leaves it open.</summary>
internal sealed class ProgramAttacher(ObjectSessionOptions options)
{
    private const int SchedulerClassifier = 3;
    private const int SchedulerAction = 4;
    private const int Xdp = 6;

    /// <summary>What to do where libbpf attaches nothing, by <c>enum bpf_prog_type</c> of include/uapi/linux/bpf.h.</summary>
    private static readonly Dictionary<int, string> _reasons = new()
    {
        [1] = "a socket filter is attached by the program that owns the socket",
        [SchedulerClassifier] = "-Interface names no network interface",
        [SchedulerAction] = "a traffic control action is attached by tc(8) alone",
        [Xdp] = "-Interface names no network interface",
        [7] = "a perf_event program needs an event, which its section doesn't name",
        [10] = "lightweight tunnel programs are attached by ip-route(8)",
        [14] = "socket map programs are attached to a map",
        [16] = "socket map programs are attached to a map",
        [21] = "SO_REUSEPORT programs are attached by the program that owns the socket",
        [22] = "flow dissectors are attached to a network namespace",
        [27] = "a struct_ops program goes with its map",
        [28] = "it extends another program, which its section doesn't name",
        [30] = "sk_lookup programs are attached to a network namespace",
        [31] = "a program of this kind is run by bpf(2) and attached to nothing",
    };

    /// <summary>Whether programs of a kind are attached to cgroups.</summary>
    private static bool IsOfCgroup(BpfProgram program) =>
        program.Section.StartsWith("cgroup", StringComparison.Ordinal) || program.Section.StartsWith("sockops", StringComparison.Ordinal);

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="links">Where its links go.</param>
    /// <returns>Why it is attached to nothing; empty where it is attached.</returns>
    public string Attach(BpfProgram program, List<BpfLink> links)
    {
        int before = links.Count;
        try
        {
            switch (program.Type)
            {
                case Xdp:
                    links.AddRange(options.Interfaces.Select(name => program.AttachXdp(name, IndexOf(name))));
                    break;
                case SchedulerClassifier:
                    links.AddRange(options.Interfaces.Select(name => AttachTc(program, name)));
                    break;
                default:
                    AttachOther(program, links);
                    break;
            }

            return links.Count > before ? "" : ReasonFor(program);
        }
        catch (EbpfException error)
        {
            return error.Errno is LibBpfError.EOPNOTSUPP ? ReasonFor(program)
                : IsKprobe(program) && !KernelHasKprobes() ? "this kernel has no kprobes (CONFIG_KPROBE_EVENTS)"
                : error.Message;
        }
    }

    private void AttachOther(BpfProgram program, List<BpfLink> links)
    {
        if (IsOfCgroup(program))
        {
            foreach (string path in options.CgroupPaths)
            {
                using FileDescriptor folder = Cgroups.Open(path);
                links.Add(program.AttachCgroup(folder, path));
            }
        }
        else if (IsOpenUserProbe(program))
        {
            foreach (string function in options.UserFunctions)
            {
                int colon = function.LastIndexOf(':');
                links.Add(program.AttachUserFunction(function[..colon], function[(colon + 1)..], program.Section.StartsWith("uret", StringComparison.Ordinal)));
            }
        }
        else
        {
            links.Add(program.Attach());
        }
    }

    /// <summary>A section that names a function at most, <c>uretprobe/readline</c>, leaves the file open.</summary>
    private static bool IsOpenUserProbe(BpfProgram program) =>
        program.Section.Split('/', 2)[0] is "uprobe" or "uretprobe" or "uprobe.s" or "uretprobe.s" && !program.Section.Contains(':', StringComparison.Ordinal);

    private static bool IsKprobe(BpfProgram program) => program.Section.Split('/', '.', '+')[0] is "kprobe" or "kretprobe" or "ksyscall" or "kretsyscall";

    /// <summary>A source of perf events since Linux 4.17, and a file of tracefs before.</summary>
    private static bool KernelHasKprobes() =>
        Directory.Exists("/sys/bus/event_source/devices/kprobe") || File.Exists($"{KernelSupport.Tracefs}/kprobe_events");

    private static BpfLink AttachTc(BpfProgram program, string name)
    {
        string[] parts = name.Split(':', 2);
        return program.AttachTc(parts[0], IndexOf(parts[0]), egress: parts is [_, "egress"]);
    }

    private static int IndexOf(string name) => LibC.if_nametoindex(name) is > 0 and uint index
        ? (int)index
        : throw new EbpfException(EbpfErrorId.NotFound, $"There is no network interface '{name}'.", "ip link shows them.", target: name);

    private static string ReasonFor(BpfProgram program) =>
        IsOfCgroup(program) ? "-CgroupPath names no cgroup"
        : IsOpenUserProbe(program) ? "-UserFunction names no function"
        : _reasons.GetValueOrDefault(program.Type, $"libbpf can't attach a program of section '{program.Section}'");
}
