using System.Net;
using System.Net.Sockets;
using EbpfPs.Events;
using EbpfPs.Interop;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Programs of tests/objects, attached to what their sections name or to what the options do.</summary>
public sealed class ObjectHookTests : KernelTest
{
    /// <summary>Whether traffic control programs can be linked: before Linux 6.6 they are told to be unattached.</summary>
    private static readonly bool _hasTcx = Environment.OSVersion.Version >= new Version(6, 6);

    private enum Hook
    {
        TypedTracepoint, RawTracepoint, UserFunction, UserReturn, Xdp, Tc, Egress, Connect,
    }

    [Fact]
    public void ProgramsWithoutATargetSayWhatIsMissing()
    {
        using ProbeSession session = ProbeSession.Start(ObjectRun.Options("hooks"));
        Dictionary<string, SessionProgram> programs = session.Programs.ToDictionary(program => program.Name);

        Assert.Equal(["typed", "raw"], programs.Values.Where(program => program.State == ProgramState.Attached).Select(program => program.Name));
        Assert.All(programs.Values.Where(program => program.Name is not ("typed" or "raw")), program => Assert.Equal(ProgramState.Loaded, program.State));
        Assert.Equal("-UserFunction names no function", programs["user_function"].Reason);
        Assert.Equal("-Interface names no network interface", programs["packet"].Reason);
        Assert.Equal("-Interface names no network interface", programs["classify"].Reason);
        Assert.Equal("-CgroupPath names no cgroup", programs["connecting"].Reason);
        Assert.Contains("needs an event", programs["sampled"].Reason, StringComparison.Ordinal);
        Assert.True(Runs(session, Hook.TypedTracepoint) > 0);
        Assert.True(Runs(session, Hook.RawTracepoint) > 0);
        Assert.Equal(0UL, Runs(session, Hook.Xdp));
    }

    [Fact]
    public void ProgramsRunWhereTheOptionsAttachThem()
    {
        string cgroup = Path.Combine(Machine.CgroupMount, $"object-hooks-{Environment.ProcessId}");
        Directory.CreateDirectory(cgroup);
        try
        {
            ObjectSessionOptions plain = ObjectRun.Options("hooks");
            using ProbeSession session = ProbeSession.Start(new ObjectSessionOptions
            {
                Name = plain.Name,
                Image = plain.Image,
                Interfaces = ["lo"],
                CgroupPaths = ["/" + Path.GetFileName(cgroup)],
                UserFunctions = ["libc.so.6:geteuid"],
            });
            Dictionary<string, SessionProgram> programs = session.Programs.ToDictionary(program => program.Name);
            string[] attached = programs.Values.Where(program => program.State == ProgramState.Attached).Select(program => program.Name).ToArray();
            Assert.Equal(programs.Keys.Except(_hasTcx ? ["sampled"] : ["sampled", "classify"]), attached);
            Assert.Equal("uprobe/libc.so.6:geteuid", Assert.Single(programs["user_function"].Hooks));
            Assert.Equal("xdp/lo", Assert.Single(programs["packet"].Hooks));
            Assert.Equal(_hasTcx ? ["tcx/ingress lo"] : [], programs["classify"].Hooks);
            Assert.Equal(!_hasTcx, programs["classify"].Reason.EndsWith("(tcx) came with Linux 6.6.", StringComparison.Ordinal));

            Assert.Equal(0u, LibC.geteuid());
            Workload.Run("/bin/bash", "-c", $"echo $$ > {cgroup}/cgroup.procs; exec 3<>/dev/tcp/127.0.0.1/{UnusedPort()}");

            foreach (Hook hook in Enum.GetValues<Hook>().Where(hook => _hasTcx || hook != Hook.Tc))
            {
                Assert.True(Runs(session, hook) > 0, $"{hook} did not run");
            }

            Assert.Equal(1UL, Runs(session, Hook.Connect));
        }
        finally
        {
            Directory.Delete(cgroup);
        }
    }

    [Theory]
    [InlineData("no-such-interface", "/", "libc.so.6:geteuid", "packet", "no network interface 'no-such-interface'")]
    [InlineData("lo", "/no/such/cgroup", "libc.so.6:geteuid", "connecting", "no cgroup '/no/such/cgroup'")]
    [InlineData("lo", "/", "libc.so.6:no_such_function", "user_function", "uprobe/libc.so.6:no_such_function")]
    public void ATargetThatIsNotThereIsTold(string network, string cgroup, string function, string program, string reason)
    {
        ObjectSessionOptions plain = ObjectRun.Options("hooks");
        using ProbeSession session = ProbeSession.Start(new ObjectSessionOptions
        {
            Name = plain.Name,
            Image = plain.Image,
            Programs = ["raw", program],
            Interfaces = [network],
            CgroupPaths = [cgroup],
            UserFunctions = [function],
        });

        Assert.Contains(reason, session.Programs.Single(one => one.Name == program).Reason, StringComparison.Ordinal);
        Assert.Equal(ProgramState.LeftOut, session.Programs.Single(one => one.Name == "typed").State);
    }

    [Fact]
    public void WhereNothingCanBeAttachedItIsAnError()
    {
        ObjectSessionOptions plain = ObjectRun.Options("hooks");
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Start(new ObjectSessionOptions { Name = plain.Name, Image = plain.Image, Programs = ["packet"] }));

        Assert.Equal(EbpfErrorId.NotSupported, error.Id);
        Assert.Contains("packet: -Interface names no network interface.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APerfBufferIsReadAndItsStructFound()
    {
        using ProbeSession session = ProbeSession.Start(ObjectRun.Options("perf", ("traced_pid", Environment.ProcessId)));
        for (int i = 0; i < 100; i++)
        {
            ObjectRun.GetParentId();
        }

        EbpfRecord[] records = ObjectRun.Drain(session);

        Assert.Equal("EbpfPs.Objects.perf.event", records[0].GetType().FullName);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => (object)(uint)number), records.Select(record => ObjectRun.Members(record)["number"]));
        IReadOnlyDictionary<string, object?> last = ObjectRun.Members(records[^1]);
        Assert.Equal(((uint)Environment.ProcessId, "LATER"), (last["pid"], last["place"]!.ToString()));
        Assert.Equal((17u, 99u), (last["low"], last["high"]));
        Assert.Equal("[[0 0 0] [0 0 -4]]", ObjectRecord.Text(last["grid"]));
        Assert.Equal((0L, 100L), (session.Loss.RingFull, session.Loss.Delivered));
    }

    [Fact]
    public void WhatAPerfBufferCanNotHoldIsCounted()
    {
        ObjectSessionOptions plain = ObjectRun.Options("perf", ("traced_pid", Environment.ProcessId));
        using ProbeSession session = ProbeSession.Start(new ObjectSessionOptions { Name = plain.Name, Image = plain.Image, Variables = plain.Variables, BufferSize = 4096 });
        for (int i = 0; i < 3000; i++)
        {
            ObjectRun.GetParentId();
        }

        int first = ObjectRun.Drain(session).Length;
        if (KernelNeeds.Since("6.0", "PERF_FORMAT_LOST") is null)
        {
            Assert.Equal(3000, first + session.Loss.RingFull);
        }

        // In older kernels the count of what was lost stands before the next record that finds room, and nowhere else.
        ObjectRun.GetParentId();
        int second = ObjectRun.Drain(session).Length;
        LossReport loss = session.Stop();

        Assert.InRange(first, 1, 3000 - 1);
        Assert.Equal(3001, first + second + loss.RingFull);
        Assert.Equal(loss.RingFull, loss.Lost);
    }

    private static ulong Runs(ProbeSession session, Hook hook) =>
        (ulong)session.Maps.Single(map => map.Name == "runs").Entries().Single(entry => entry.Key is uint key && key == (uint)hook).Value;

    private static int UnusedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
