using EbpfPs.Bpf;
using EbpfPs.Codegen;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// C at the entry and the return of kernel functions, which takes fentry or kprobes, and a compiler. The emulated machines
/// have the former; <c>tests/vm/run.sh --compiler</c> gives them the latter.
/// </summary>
[Trait("Load", "compiler")]
public sealed class FunctionSourceTests : KernelTest
{
    /// <summary>As people write it who learn from bcc's examples; tcp_connect is where the socket knows its addresses.</summary>
    private const string Connect = """
        #include <net/sock.h>
        #include <bcc/proto.h>
        BPF_PERF_OUTPUT(events);
        struct event_t {
            u32 pid;
            u32 saddr;
            u32 daddr;
            u16 dport;
            char comm[16];
        };
        int trace_connect(struct pt_regs *ctx, struct sock *sk) {
            struct event_t event = {};
            event.pid = bpf_get_current_pid_tgid() >> 32;
            event.saddr = sk->__sk_common.skc_rcv_saddr;
            event.daddr = sk->__sk_common.skc_daddr;
            event.dport = sk->__sk_common.skc_dport;
            bpf_get_current_comm(&event.comm, sizeof(event.comm));
            events.perf_submit(ctx, &event, sizeof(event));
            return 0;
        }
        """;

    private const string Registers = "BPF_HASH(places, u64); int where(struct pt_regs *ctx) { places.increment(PT_REGS_IP(ctx)); return 0; }\n";

    private static readonly Dictionary<string, FieldMeaning> _plain = [];

    [FunctionFact("fentry")]
    public void FentryHasTheArguments() => AssertConnects(Connect, "fentry/tcp_connect");

    [FunctionFact("kprobe")]
    public void AKprobeHasTheArguments() => AssertConnects(
        Connect.Replace("u32 pid;", "u64 ip;\n    u32 pid;", StringComparison.Ordinal)
            .Replace("event.pid =", "event.ip = PT_REGS_IP(ctx);\n    event.pid =", StringComparison.Ordinal),
        "kprobe/tcp_connect");

    [FunctionFact("kprobe", "fexit")]
    public void AReturnHasTheResult()
    {
        (ProbeSession session, string section) = Start(
            """
            BPF_PERF_OUTPUT(events);
            struct event_t { int result; char comm[16]; };
            int done(struct pt_regs *ctx) {
                struct event_t event = { .result = PT_REGS_RC(ctx) };
                bpf_get_current_comm(&event.comm, sizeof(event.comm));
                events.perf_submit(ctx, &event, sizeof(event));
                return 0;
            }
            """,
            "function-return:inet_stream_connect",
            _plain);
        using (session)
        {
            Workload.Run("connecting", "refused", "4");
            Assert.Contains(section, new[] { "kretprobe/inet_stream_connect", "fexit/inet_stream_connect" });
            Assert.Equal([-111], Of(session).Select(members => members["result"]));
        }
    }

    [FunctionFact("kprobe", "fentry")]
    public void AFunctionRunsByItsName()
    {
        (ProbeSession session, _) = Start(Connect.Replace("int trace_connect", "int kprobe__tcp_connect", StringComparison.Ordinal), "", _plain);
        using (session)
        {
            Workload.Run("connecting", "refused", "4");
            Assert.Single(Of(session));
        }
    }

    [FunctionFact("kprobe")]
    public void RegistersComeFromAKprobe()
    {
        (ProbeSession session, string section) = Start(Registers, "function:tcp_connect", _plain);
        using (session)
        {
            Workload.Run("connecting", "refused", "4");
            Assert.Equal("kprobe/tcp_connect", section);
            MapEntry place = Assert.Single(session.Maps.Single(map => map.Name == "places").Entries());
            Assert.True((ulong)place.Key! > 1UL << 63);
        }
    }

    private static void AssertConnects(string source, string expected)
    {
        Dictionary<string, FieldMeaning> meanings = new() { ["saddr"] = FieldMeaning.IPv4, ["daddr"] = FieldMeaning.IPv4, ["dport"] = FieldMeaning.Port };
        (ProbeSession session, string section) = Start(source, "function:tcp_connect", meanings);
        using (session)
        {
            Workload refused = Workload.Run("connecting", "refused", "4");
            IReadOnlyDictionary<string, object?> only = Assert.Single(Of(session));
            Assert.Equal(expected, section);
            Assert.Equal(
                ((uint)refused.ProcessId, "127.0.0.1", "127.0.0.1", refused.Output.Split(' ')[0]),
                ((uint)only["pid"]!, only["saddr"], only["daddr"], $"{only["dport"]}"));
        }
    }

    private static IEnumerable<IReadOnlyDictionary<string, object?>> Of(ProbeSession session) =>
        ObjectRun.Drain(session).Select(ObjectRun.Members).Where(members => (string?)members["comm"] == "connecting").ToArray();

    private static (ProbeSession Session, string Section) Start(string source, string hook, IReadOnlyDictionary<string, FieldMeaning> meanings)
    {
        CompiledSource compiled = new SourceOptions { Source = source, Hooks = hook.Length == 0 ? [] : [hook] }.Compile();
        Assert.Empty(compiled.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        ProbeSession session = ProbeSession.Start(new ObjectSessionOptions
        {
            Name = "source",
            Image = compiled.Image!,
            BufferTypes = compiled.EventTypes,
            Meanings = meanings,
        });
        return (session, Assert.Single(session.Programs).Section);
    }

    /// <summary>
    /// A test that is skipped, by name, where the kernel was built with none of the features, or where there is no compiler.
    /// An emulated machine of ours refuses nothing that it was built with; the kernel that runs here may have a policy.
    /// </summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FunctionFactAttribute : FactAttribute
    {
        public FunctionFactAttribute(params string[] features)
        {
            string?[] missing = Array.ConvertAll(features, Missing);
            if (Array.TrueForAll(missing, reason => reason is not null))
            {
                Skip = string.Join("; ", missing);
                return;
            }

            try
            {
                Clang.Find(Environment.GetEnvironmentVariable("PATH"));
            }
            catch (EbpfException error)
            {
                Skip = error.Message;
            }
        }

        private static string? Missing(string feature) => feature == "kprobe"
            ? KernelNeeds.Options("CONFIG_KPROBES", "CONFIG_KPROBE_EVENTS")
            : KernelNeeds.Since("5.5", feature) ?? KernelNeeds.Options("CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS") ?? Forbidden(feature);

        /// <summary>What the kernel itself answers to a process that has every capability; any other failure is the product's.</summary>
        private static string? Forbidden(string feature) =>
            !Machine.IsEmulated && KernelFeatures.Test(feature) is { Supported: false } found && found.Reason.StartsWith("EPERM", StringComparison.Ordinal)
                ? $"{feature} is forbidden here: {found.Reason}" : null;
    }
}
