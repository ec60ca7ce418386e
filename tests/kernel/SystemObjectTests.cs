using System.Runtime.InteropServices;
using System.Text.Json;
using EbpfPs.Bpf;
using EbpfPs.Interop;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Programs, maps and links of the whole system, field by field as bpftool has them.</summary>
public sealed class SystemObjectTests : KernelTest
{
    private readonly BpfObject _object;
    private readonly List<IDisposable> _links = [];

    public SystemObjectTests()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "objects", "links.bpf.o"));
        using OpenedBpfObject opened = OpenedBpfObject.Open("links", image);
        _object = opened.Load();
    }

    [Fact]
    public void ProgramsAreThoseOfBpftool()
    {
        DateTime before = DateTime.Now;
        Dictionary<int, SystemProgram> all = ProgramCatalog.All().ToDictionary(program => program.Id);
        JsonElement[] told = [.. BpftoolJson.Json("prog", "show").EnumerateArray().Where(one => all.ContainsKey((int)one.Number("id")))];

        Assert.Equal(_object.Programs.Select(program => program.Name), Own(all.Values).Select(program => program.Name));
        Assert.InRange(told.Length, _object.Programs.Count, all.Count);
        foreach (JsonElement one in told)
        {
            SystemProgram program = all[(int)one.Number("id")];
            Assert.Equal(one.GetProperty("type").GetString(), BpftoolJson.NameOf("bpf_prog_type", "BPF_PROG_TYPE_", (int)program.Type));
            Assert.Equal(one.TryGetProperty("name", out JsonElement name) ? name.GetString() : "", program.Name);
            Assert.Equal(one.GetProperty("tag").GetString(), program.Tag);
            Assert.Equal(one.GetProperty("gpl_compatible").GetBoolean(), program.IsGplCompatible);
            Assert.InRange(new DateTimeOffset(program.LoadTime).ToUnixTimeSeconds(), one.Number("loaded_at") - 1, one.Number("loaded_at") + 1);
            Assert.Equal(one.Number("uid"), program.UserId);
            Assert.Equal(one.Number("bytes_xlated"), program.TranslatedSize);
            Assert.Equal(one.Number("bytes_jited"), program.JitedSize);
            Assert.Equal(one.Number("bytes_memlock"), program.LockedMemory);
            Assert.Equal(one.Numbers("map_ids"), program.MapId);
            Assert.Equal(one.Number("btf_id"), program.BtfId);
        }

        SystemProgram counting = Own(all.Values).First();
        Assert.Equal("counts_every_getpriority", counting.Name);
        Assert.InRange(counting.LoadTime, before.AddMinutes(-1), DateTime.Now);
        Assert.Equal("root", counting.UserName);
        if (Environment.OSVersion.Version >= new Version(5, 16))
        {
            Assert.InRange(Assert.NotNull(counting.VerifiedInstructions), 5, 30);
        }

        Assert.Equal([Map("runs").Id], counting.MapId);
        Assert.Contains(counting.Owner, owner => owner.ProcessId == Environment.ProcessId);

        // Linux 5.17 is the first that tells what a program was loaded for.
        string target = Environment.OSVersion.Version < new Version(5, 17) ? "" : "sched_process_exit";
        Assert.Equal(target, Own(all.Values).Single(program => program.Type == BpfProgramType.Tracing && program.Name.Contains("btf", StringComparison.Ordinal)).AttachTarget);
    }

    [Fact]
    public void MapsAreThoseOfBpftool()
    {
        Dictionary<int, SystemMap> all = MapCatalog.All().ToDictionary(map => map.Id);
        JsonElement[] told = [.. BpftoolJson.Json("map", "show").EnumerateArray().Where(one => all.ContainsKey((int)one.Number("id")))];

        Assert.InRange(told.Length, 1, all.Count);
        foreach (JsonElement one in told)
        {
            SystemMap map = all[(int)one.Number("id")];
            Assert.Equal(one.GetProperty("type").GetString(), BpftoolJson.NameOf("bpf_map_type", "BPF_MAP_TYPE_", (int)map.Type));
            Assert.Equal(one.TryGetProperty("name", out JsonElement name) ? name.GetString() : "", map.Name);
            Assert.Equal(one.Number("flags"), (long)map.Flags);
            Assert.Equal(one.Number("bytes_key"), map.KeySize);
            Assert.Equal(one.Number("bytes_value"), map.ValueSize);
            Assert.Equal(one.Number("max_entries"), map.MaxEntries);
            Assert.Equal(one.Number("bytes_memlock"), map.LockedMemory);
            Assert.Equal(one.Number("frozen") != 0, map.IsFrozen);

            // bpftool 7.1 asks into what the map before left, and Linux 6.18 leaves in there what a map has not.
            Assert.True(map.BtfId == 0 || map.BtfId == one.Number("btf_id"), $"type information of map {map.Id}");
        }

        SystemMap runs = all[Map("runs").Id];
        Assert.Equal(BpftoolJson.Json("map", "show", "id", $"{runs.Id}").Number("btf_id"), runs.BtfId);
        Assert.NotEqual(0, runs.BtfId);
        Assert.Equal(("u32", "u64"), (runs.KeyType.Replace("__", "", StringComparison.Ordinal), runs.ValueType.Replace("__", "", StringComparison.Ordinal)));
        Assert.Contains(runs.Owner, owner => owner.ProcessId == Environment.ProcessId && owner.ProcessName == File.ReadAllText("/proc/self/comm").TrimEnd());
    }

    [Fact]
    public void LinksAreThoseOfBpftool()
    {
        foreach (BpfProgram program in _object.Programs.Take(4))
        {
            _links.Add(program.Attach());
        }

        using FileDescriptor self = new(LibC.open("/proc/self/ns/net", LibC.O_CLOEXEC), "open the network namespace");
        Link("looks_nothing_up", self.Number, BpfAttachType.SkLookup);
        using FileDescriptor cgroup = new(LibC.open(Machine.CgroupMount, LibC.O_DIRECTORY | LibC.O_CLOEXEC), "open the cgroup");
        Link("lets_every_packet_out", cgroup.Number, BpfAttachType.CgroupInetEgress);
        int device = int.Parse(File.ReadAllText("/sys/class/net/lo/ifindex"), System.Globalization.CultureInfo.InvariantCulture);
        Link("lets_every_frame_in", device, BpfAttachType.Xdp);
        bool knowsTcx = Environment.OSVersion.Version >= new Version(6, 6);
        if (knowsTcx)
        {
            Link("lets_every_packet_on", device, BpfAttachType.TcxIngress);
        }

        Dictionary<int, SystemLink> all = LinkCatalog.All().Where(link => link.Id is not null).ToDictionary(link => link.Id!.Value);
        SystemLink[] own = [.. Own(all.Values)];

        // Linux 5.15 made links of tracepoints' attachments, and 6.6 tells what they are attached to.
        string[] tracepoint = Environment.OSVersion.Version < new Version(5, 15) ? [] : [$"PerfEvent  {(knowsTcx ? "sys_enter_getpriority" : "")} counts_every_getpriority"];
        Assert.Equal(
            [
                .. tracepoint,
                "RawTracepoint  sched_process_exec on_raw_tracepoint_of_exec",
                "RawTracepoint  sched_process_exit on_btf_tracepoint_of_exit",
                "Iter  task goes_over_all_tasks",
                $"Netns SkLookup {new FileInfo("/proc/self/ns/net").LinkTarget} looks_nothing_up",
                "Cgroup CgroupInetEgress / lets_every_packet_out",
                "Xdp  lo lets_every_frame_in",
                .. knowsTcx ? ["Tcx TcxIngress lo lets_every_packet_on"] : Array.Empty<string>(),
            ],
            own.Select(link => $"{link.Type} {link.AttachType} {link.Target} {link.ProgramName}"));
        Compare(all, own.Length);
    }

    [Fact]
    public void APinHasItsPathAndIsFoundByIt()
    {
        string path = $"/sys/fs/bpf/ebpfps-test-{Environment.ProcessId}";
        BpftoolJson.Text("map", "pin", "id", $"{Map("runs").Id}", path);
        try
        {
            Assert.Equal([path], MapCatalog.All().Single(map => map.Id == Map("runs").Id).PinnedPath);
            Assert.Equal(Map("runs").Id, MapCatalog.Pinned(path, new SystemListing()).Id);
            EbpfException kind = Assert.Throws<EbpfException>(() => ProgramCatalog.Pinned(path, new SystemListing()));
            Assert.Contains("A map is pinned", kind.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(EbpfErrorId.NotFound, Assert.Throws<EbpfException>(() => MapCatalog.Pinned(path, new SystemListing())).Id);
        Assert.Equal(EbpfErrorId.InvalidArgument, Assert.Throws<EbpfException>(() => MapCatalog.Pinned("/etc/passwd", new SystemListing())).Id);
    }

    [Fact]
    public void WhatIsNotThereIsSaid()
    {
        SystemListing listing = new();
        foreach (Func<object> find in new Func<object>[] { () => MapCatalog.Find(int.MaxValue, listing), () => ProgramCatalog.Find(int.MaxValue, listing), () => LinkCatalog.Find(int.MaxValue, listing) })
        {
            EbpfException error = Assert.Throws<EbpfException>(find);
            Assert.Equal((EbpfErrorId.NotFound, int.MaxValue), (error.Id, error.Target));
        }
    }

    protected override void Dispose(bool disposing)
    {
        _links.ForEach(link => link.Dispose());
        _object.Dispose();
        base.Dispose(disposing);
    }

    private static IEnumerable<SystemProgram> Own(IEnumerable<SystemProgram> all) =>
        all.Where(program => program.Owner.Any(owner => owner.ProcessId == Environment.ProcessId));

    private static IEnumerable<SystemLink> Own(IEnumerable<SystemLink> all) =>
        all.Where(link => link.Owner.Any(owner => owner.ProcessId == Environment.ProcessId));

    private static void Compare(Dictionary<int, SystemLink> all, int own)
    {
        JsonElement[] told = [.. BpftoolJson.Json("link", "show").EnumerateArray().Where(one => all.ContainsKey((int)one.Number("id")))];
        Assert.InRange(told.Length, own, all.Count);
        foreach (JsonElement one in told)
        {
            SystemLink link = all[(int)one.Number("id")];
            Assert.Equal(one.Number("prog_id"), link.ProgramId);

            // bpftool 7.1 writes the number of a type that it doesn't know.
            string type = one.GetProperty("type").ToString();
            Assert.Contains(type, new[] { BpftoolJson.NameOf("bpf_link_type", "BPF_LINK_TYPE_", (int)link.Type), $"{(int)link.Type}" });
            if (one.TryGetProperty("tp_name", out JsonElement tracepoint))
            {
                Assert.Equal(tracepoint.GetString(), link.Target);
            }

            if (one.TryGetProperty("target_name", out JsonElement target))
            {
                Assert.Equal(target.GetString(), link.Target);
            }

            if (one.TryGetProperty("attach_type", out JsonElement attach) && link.AttachType is BpfAttachType hook)
            {
                Assert.Equal(attach.GetString(), BpftoolJson.NameOf("bpf_attach_type", "BPF_", (int)hook));
            }

            Assert.Equal(one.Number("cgroup_id"), (long)link.CgroupId);
            Assert.Equal(one.Number("netns_ino"), link.NamespaceInode);
        }
    }

    [DllImport("libbpf.so.1")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int bpf_link_create(int program, int target, int attachType, nint options);

    private SessionMap Map(string name) => new(null!, "links", _object, _object.Map(name), null);

    private void Link(string name, int target, BpfAttachType type)
    {
        int id = ProgramCatalog.Quickly().Last(one => one.Name == name).Id;
        using FileDescriptor program = KernelObjects.Open(KernelObjectKind.Program, id);
        _links.Add(new FileDescriptor(LibBpfError.Check(bpf_link_create(program.Number, target, (int)type, 0), $"link {name}"), ""));
    }
}
