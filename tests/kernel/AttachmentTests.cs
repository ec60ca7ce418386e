using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EbpfPs.Bpf;
using EbpfPs.Interop;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>What is attached without a link, field by field as bpftool has it: in a network namespace and cgroups of the test's own.</summary>
public sealed class AttachmentTests : KernelTest
{
    private const string First = "ebpfps-c", Second = "ebpfps-d";

    private readonly string _pins = $"/sys/fs/bpf/ebpfps-attached-{Environment.ProcessId}";
    private readonly List<IDisposable> _held = [];

    public AttachmentTests() => BpftoolJson.Text("prog", "loadall", Path.Combine(AppContext.BaseDirectory, "objects", "links.bpf.o"), _pins);

    [BpftoolFact]
    public void DevicesAreThoseOfBpftoolNet() => InOwnNetwork(() =>
    {
        Do("bpftool", $"net attach xdpgeneric pinned {Pin("lets_every_frame_in")} dev {First}");
        Do("bpftool", $"net attach xdpdrv pinned {Pin("lets_every_frame_in")} dev {Second}");
        Do("tc", $"qdisc add dev {First} clsact");
        Do("tc", $"filter add dev {First} ingress bpf da object-pinned {Pin("lets_every_packet_on")}");
        Do("tc", $"filter add dev {First} egress pref 7 handle 5 bpf object-pinned {Pin("lets_every_packet_on")}");
        Do("tc", $"qdisc add dev {Second} root handle 1: htb");
        Do("tc", $"class add dev {Second} parent 1: classid 1:10 htb rate 1mbit");
        Do("tc", $"filter add dev {Second} parent 1: bpf object-pinned {Pin("lets_every_packet_on")} flowid 1:10");
        Do("tc", $"filter add dev {Second} parent 1:10 bpf object-pinned {Pin("lets_every_packet_on")}");
        SystemLink[] own = Own();

        JsonElement told = BpftoolJson.Json("net")[0];
        string[] frames = [.. told.GetProperty("xdp").EnumerateArray().Select(one =>
            $"Xdp  {one.GetProperty("devname")} {one.Number("ifindex")} {one.GetProperty("mode")} {one.Number("id")}")];

        // Of a device with a root it tells the root's filters a second time.
        string[] packets = [.. told.GetProperty("tc").EnumerateArray().Where(one => one.GetProperty("kind").GetString() != "root").Select(one =>
            $"Tc {Hook(one.GetProperty("kind").GetString()!)} {one.GetProperty("devname")} {one.Number("ifindex")} {one.GetProperty("name")} {one.Number("id")}")];
        Assert.Equal((2, 4), (frames.Length, packets.Length));
        Assert.Equal(
            frames.Concat(packets).Order(StringComparer.Ordinal),
            own.Select(link => $"{link.Type} {link.AttachType} {link.Target} {link.InterfaceIndex} {NameIn(link)} {link.ProgramId}").Order(StringComparer.Ordinal));
        Assert.All(own, link => Assert.Equal(link.Type == BpfLinkType.Xdp ? "lets_every_frame_in" : "lets_every_packet_on", link.ProgramName));
        Assert.Equal("pref 49152 chain 0 handle 0x1 bpf lets_every_packet_on:[*fsobj] direct-action", own.Single(link => link.AttachType == BpfAttachType.TcIngress).Mode);
        Assert.Equal("pref 7 chain 0 handle 0x5 bpf lets_every_packet_on:[*fsobj]", own.Single(link => link.AttachType == BpfAttachType.TcEgress).Mode);
        Assert.Equal(["parent 1:0", "parent 1:10"], own.Where(link => link.AttachType == BpfAttachType.TcCustom).Select(link => string.Join(' ', link.Mode.Split(' ')[..2])).Order(StringComparer.Ordinal));
    });

    [BpftoolFact]
    public void TheOlderDisciplineForWhatComesInIsAskedOnce() => InOwnNetwork(() =>
    {
        Do("tc", $"qdisc add dev {First} ingress");
        Do("tc", $"filter add dev {First} ingress pref 3 bpf object-pinned {Pin("lets_every_packet_on")}");
        Do("tc", $"filter add dev {First} ingress pref 4 chain 2 bpf object-pinned {Pin("lets_every_packet_on")}");

        Assert.Equal(
            ["TcIngress pref 3 chain 0 handle 0x1 bpf lets_every_packet_on:[*fsobj]", "TcIngress pref 4 chain 2 handle 0x1 bpf lets_every_packet_on:[*fsobj]"],
            Own().Select(link => $"{link.AttachType} {link.Mode}"));
    });

    [BpftoolFact("tcx", "6.6")]
    public void WhatALinkAttachedIsNotToldTwice() => InOwnNetwork(() =>
    {
        int device = (int)JsonDocument.Parse(Workload.Run("/sbin/ip", "-j", "link", "show", "dev", First).Output).RootElement[0].Number("ifindex");
        Link("lets_every_frame_in", device, BpfAttachType.Xdp);
        Link("lets_every_packet_on", device, BpfAttachType.TcxIngress);
        Attach("lets_every_packet_on", device, BpfAttachType.TcxEgress);
        int frames = IdOf("lets_every_frame_in"), packets = IdOf("lets_every_packet_on");
        SystemLink[] own = [.. LinkCatalog.All().Where(link => link.ProgramId == frames || link.ProgramId == packets)];

        Assert.Equal(
            ["Xdp  linked", "Tcx TcxIngress linked", "Tcx TcxEgress not"],
            own.Select(link => $"{link.Type} {link.AttachType} {(link.Id is null ? "not" : "linked")}"));
        Assert.Equal((First, device), (own[2].Target, own[2].InterfaceIndex));
    });

    [BpftoolFact]
    public void TheNamespaceAndSocketMapsAreAsked() => InOwnNetwork(() =>
    {
        Do("bpftool", $"prog attach pinned {Pin("dissects_no_flow")} flow_dissector");
        Do("bpftool", $"map create {Pin("sockets")} type sockmap key 4 value 4 entries 2 name sockets");
        Do("bpftool", $"prog attach pinned {Pin("judges_no_stream")} stream_verdict pinned {Pin("sockets")}");

        // bpftool 7.1 tells its number in no valid JSON.
        int dissector = IdOf("dissects_no_flow");
        Assert.Contains($"\"flow_dissector\":[\"id\":{dissector}]", BpftoolJson.Text("-j", "net"), StringComparison.Ordinal);
        int map = (int)BpftoolJson.Json("map", "show", "pinned", Pin("sockets")).Number("id");
        SystemLink[] own = [.. LinkCatalog.All().Where(link => link.ProgramId == dissector || link.MapId == map)];
        string space = new FileInfo("/proc/thread-self/ns/net").LinkTarget!;
        Do("bpftool", $"prog detach pinned {Pin("dissects_no_flow")} flow_dissector");

        // Before Linux 5.18 the kernel tells nobody what is at a socket map.
        string[] atTheMap = Environment.OSVersion.Version >= new Version(5, 18) ? [$"Sockmap SkSkbStreamVerdict  judges_no_stream {map}"] : [];
        Assert.Equal(
            [$"Netns FlowDissector {space} dissects_no_flow 0", .. atTheMap],
            own.Select(link => $"{link.Type} {link.AttachType} {link.Target} {link.ProgramName} {link.MapId}"));
        Assert.Equal(space, $"net:[{own[0].NamespaceInode}]");
        Assert.All(own, link => Assert.Null(link.Id));
    });

    [BpftoolFact]
    public void CgroupsAreThoseOfBpftool()
    {
        using OwnCgroup cgroup = new(Machine.CgroupMount);
        string child = cgroup.Add("child");
        string other = cgroup.Add("other");
        Do("bpftool", $"cgroup attach {cgroup.Folder} egress pinned {Pin("lets_every_packet_out")} multi");
        Do("bpftool", $"cgroup attach {child} egress pinned {Pin("lets_every_packet_out")} multi");
        using FileDescriptor folder = new(LibC.open(child, LibC.O_DIRECTORY | LibC.O_CLOEXEC), "open the cgroup");
        Link("lets_every_packet_out", folder.Number, BpfAttachType.CgroupInetEgress);
        int program = IdOf("lets_every_packet_out");
        SystemLink[] own = [.. LinkCatalog.All().Where(link => link.ProgramId == program)];
        JsonElement told = BpftoolJson.Json("cgroup", "tree", cgroup.Folder);
        Do("bpftool", $"cgroup detach {cgroup.Folder} egress pinned {Pin("lets_every_packet_out")}");
        Do("bpftool", $"cgroup detach {child} egress pinned {Pin("lets_every_packet_out")}");

        Assert.Equal(3, own.Length);

        // Before Linux 6.0 bpftool 7.1 stumbles over an attach type that the kernel doesn't know, and shows no program.
        string[] theirs = [.. told.EnumerateArray().SelectMany(group => group.GetProperty("programs").EnumerateArray().Select(one =>
            $"{group.GetProperty("cgroup")} {one.Number("id")} {one.GetProperty("attach_type")}")).Order(StringComparer.Ordinal)];
        if (theirs.Length > 0 || Environment.OSVersion.Version >= new Version(6, 0))
        {
            Assert.Equal(theirs, own.Select(Text).Order(StringComparer.Ordinal));
        }

        Assert.Equal([cgroup.Path, cgroup.Path + "/child"], own.Where(link => link.Id is null).Select(link => link.Target).Order(StringComparer.Ordinal));
        Assert.All(own, link => Assert.Equal(link.Id is null ? "multi" : "", link.Mode));
        Assert.All(own, link => Assert.Equal(CgroupTree.IdOf(Machine.CgroupMount + link.Target), link.CgroupId));
        Assert.DoesNotContain(own, link => other.EndsWith(link.Target, StringComparison.Ordinal));

        static string Text(SystemLink link) =>
            $"{Machine.CgroupMount}{link.Target} {link.ProgramId} {BpftoolJson.NameOf("bpf_attach_type", "BPF_", (int)link.AttachType!)}";
    }

    [BpftoolFact]
    public void PerfEventsAreThoseOfBpftool()
    {
        int id = int.Parse(File.ReadAllText("/sys/kernel/tracing/events/syscalls/sys_enter_getpriority/id"), CultureInfo.InvariantCulture);
        using FileDescriptor tracepoint = PerfEvent(2, id);
        using FileDescriptor second = PerfEvent(2, id);
        using FileDescriptor program = KernelObjects.Open(KernelObjectKind.Program, IdOf("counts_every_getpriority"));
        const nuint SetBpf = 0x40042408;
        Assert.Equal(0, ioctl(tracepoint.Number, SetBpf, program.Number));
        SystemLink own = Assert.Single(LinkCatalog.All(), link => link.ProgramId == IdOf("counts_every_getpriority"));

        JsonElement told = Assert.Single(BpftoolJson.Json("perf").EnumerateArray(), one => one.Number("pid") == Environment.ProcessId && one.Number("fd") == tracepoint.Number);
        Assert.Equal((told.Number("prog_id"), told.GetProperty("tracepoint").GetString()), (own.ProgramId, own.Target));
        Assert.Equal((null, BpfLinkType.PerfEvent, "counts_every_getpriority"), (own.Id, own.Type, own.ProgramName));
        Assert.Equal(Environment.ProcessId, Assert.Single(own.Owner).ProcessId);
    }

    protected override void Dispose(bool disposing)
    {
        _held.ForEach(one => one.Dispose());
        Workload.Run("/bin/rm", "-r", _pins);
        base.Dispose(disposing);
    }

    private static string Hook(string kind) => kind switch { "clsact/ingress" => "TcIngress", "clsact/egress" => "TcEgress", _ => "TcCustom" };

    private static string NameIn(SystemLink link) => link.Type == BpfLinkType.Xdp ? link.Mode : link.Mode.Split(" bpf ")[1].Replace(" direct-action", "", StringComparison.Ordinal);

    private static SystemLink[] Own() => [.. LinkCatalog.All().Where(link => link.Id is null && link.Target is First or Second)];

    private static void Do(string tool, string arguments)
    {
        Workload run = Workload.Run(tool == "bpftool" ? Bpftool.Path! : $"/sbin/{tool}", arguments.Split(' '));
        Assert.True(run.ExitCode == 0, $"{tool} {arguments}: {run.Error}{run.Output}");
    }

    /// <summary>Runs on a thread that has a network namespace of its own; the tools that it starts are in there too.</summary>
    private static void InOwnNetwork(Action test)
    {
        const int CLONE_NEWNET = 0x40000000;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Assert.Equal(0, unshare(CLONE_NEWNET));
                Do("ip", $"link add {First} type veth peer name {Second}");
                test();
                Do("ip", $"link del {First}");
            }
            catch (Exception error)
            {
                // Thrown again below, on the test's own thread.
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static FileDescriptor PerfEvent(uint type, int config)
    {
        // struct perf_event_attr as of its first version (64 bytes): type, size, config.
        byte[] attributes = new byte[64];
        BitConverter.TryWriteBytes(attributes, type);
        BitConverter.TryWriteBytes(attributes.AsSpan(4), attributes.Length);
        BitConverter.TryWriteBytes(attributes.AsSpan(8), (long)config);
        return new FileDescriptor(LibC.syscall(LibC.SYS_perf_event_open, attributes, -1, 0, -1, 8), "open a perf event");
    }

    private string Pin(string name) => $"{_pins}/{name}";

    private int IdOf(string name) => (int)BpftoolJson.Json("prog", "show", "pinned", Pin(name)).Number("id");

    private void Link(string name, int target, BpfAttachType type)
    {
        using FileDescriptor program = KernelObjects.Open(KernelObjectKind.Program, IdOf(name));
        _held.Add(new FileDescriptor(LibBpfError.Check(bpf_link_create(program.Number, target, (int)type, 0), $"link {name}"), ""));
    }

    private void Attach(string name, int target, BpfAttachType type)
    {
        using FileDescriptor program = KernelObjects.Open(KernelObjectKind.Program, IdOf(name));
        LibBpfError.Check(bpf_prog_attach(program.Number, target, (int)type, 0), $"attach {name}");
    }

    [DllImport("libbpf.so.1")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int bpf_link_create(int program, int target, int attachType, nint options);

    [DllImport("libbpf.so.1")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int bpf_prog_attach(int program, int target, int attachType, uint flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int unshare(int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ioctl(int fd, nuint request, int argument);
}
