using System.Numerics;
using System.Reflection;
using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Records of tests/objects/records.bpf.c: every kind of member, as typed properties.</summary>
public sealed class ObjectRecordTests : KernelTest
{
    [Fact]
    public void EveryMemberIsAPropertyOfItsType()
    {
        using ProbeSession session = ProbeSession.Start(ObjectRun.Options("records", ("traced_pid", Environment.ProcessId)));
        ObjectRun.GetParentId();
        ObjectRun.GetParentId();

        EbpfRecord[] records = ObjectRun.Drain(session);

        Assert.Equal(2, records.Length);
        Assert.Equal("EbpfPs.Objects.records.event", records[0].GetType().FullName);
        IReadOnlyDictionary<string, object?> seen = ObjectRun.Members(records[0]);
        Assert.Equal((uint)Environment.ProcessId, seen["pid"]);
        Assert.IsType<string>(seen["comm"]);
        Assert.Equal("ANSWERED", seen["action"]!.ToString());
        Assert.True(seen["action"]!.GetType().IsEnum);
        Assert.Null(seen["action"]!.GetType().GetCustomAttribute<FlagsAttribute>());
        Assert.Equal("READ, EXECUTE", seen["rights"]!.ToString());
        Assert.Equal(((short)-3, 70000), (seen["from.x"], seen["from.y"]));
        Assert.Equal((true, (sbyte)-128), (seen["flag"], seen["tiny"]));
        Assert.Equal((5u, -3), (seen["low"], seen["negative"]));
        Assert.Equal(seen["action"], seen["bits"]);
        Assert.Equal((BigInteger.Pow(2, 100) + 3, -BigInteger.Pow(2, 100)), (seen["wide"], seen["deep"]));
        Assert.Equal(1.5, seen["ratio"]);
        Assert.Equal("[{x=0, y=0} {x=9, y=-9}]", ObjectRecord.Text(seen["corners"]));
        Assert.Equal(new[] { 0, 0, -77 }, seen["numbers"]);
        Assert.Equal(new object[] { new[] { 0, 0 }, new[] { 4, 0 } }, seen["matrix"]);
        Assert.Equal("[0 ASKED]", ObjectRecord.Text(seen["actions"]));
        Assert.Equal(0x0100007fu, seen["address"]);
        Assert.Equal(new byte[] { 127, 0, 0, 1 }, seen["bytes"]);
        Assert.Equal((0x100000002UL, 2u), (seen["either.number"], seen["either.half"]));
        Assert.Equal(0x1234UL, seen["pointer"]);
        Assert.Equal([(byte)'h', 0xff], KernelText.ToBytes((string)seen["tail"]!));
        Assert.All(records[0].GetType().GetProperties(), property => Assert.False(property.CanWrite));
    }

    [Fact]
    public void FieldsAreWhatTheyAreSaidToBe()
    {
        ObjectSessionOptions plain = ObjectRun.Options("records", ("traced_pid", Environment.ProcessId));
        ObjectSessionOptions options = new()
        {
            Name = plain.Name,
            Image = plain.Image,
            Variables = plain.Variables,
            EventType = "event",
            Meanings = new Dictionary<string, FieldMeaning>
            {
                ["address"] = FieldMeaning.IPv4,
                ["ADDRESS6"] = FieldMeaning.IPv6,
                ["hardware"] = FieldMeaning.Mac,
                ["port"] = FieldMeaning.Port,
                ["result"] = FieldMeaning.Errno,
                ["time"] = FieldMeaning.BootTime,
                ["elapsed"] = FieldMeaning.Duration,
                ["bytes"] = FieldMeaning.Text,
            },
        };
        using ProbeSession session = ProbeSession.Start(options);
        DateTime before = DateTime.Now;
        ObjectRun.GetParentId();
        DateTime after = DateTime.Now;

        IReadOnlyDictionary<string, object?> seen = ObjectRun.Members(Assert.Single(ObjectRun.Drain(session)));

        Assert.Equal("127.0.0.1", seen["address"]);
        Assert.Equal("::1", seen["address6"]);
        Assert.Equal("aa:00:00:00:00:01", seen["hardware"]);
        Assert.Equal((ushort)80, seen["port"]);
        Assert.Equal((-2, "ENOENT"), (seen["result"], seen["resultName"]));
        Assert.InRange((DateTime)seen["time"]!, before - TimeSpan.FromMilliseconds(5), after + TimeSpan.FromMilliseconds(5));
        Assert.Equal(((DateTime)seen["time"]!).ToUniversalTime(), DateTime.UnixEpoch.AddTicks((long)seen["timeNs"]! / 100));
        Assert.Equal((TimeSpan.FromTicks(15), 1500L), (seen["elapsed"], seen["elapsedNs"]));
        Assert.Equal("\u007f", seen["bytes"]);
    }

    [Fact]
    public void ARecordThatIsTooShortIsCounted()
    {
        using ProbeSession session = ProbeSession.Start(ObjectRun.Options("records", ("traced_pid", Environment.ProcessId), ("length", 8)));
        ObjectRun.GetParentId();

        Assert.Empty(ObjectRun.Drain(session));
        LossReport loss = session.Stop();
        Assert.Equal((1L, 1L, 1L), (loss.Undecoded, loss.Delivered, loss.Lost));
        Assert.Equal((null, null, null), (loss.Produced, loss.RingFull, loss.Unread));
    }

    /// <summary>What a program takes and gives back has no record, and its room is the ring's all the same.</summary>
    [Fact]
    public void RecordsThatAreDiscardedGiveTheirRoomBack()
    {
        const int Discarded = 200;
        using ProbeSession session = ProbeSession.Start(
            ObjectRun.Options("discarding", ("traced_pid", Environment.ProcessId), ("discarded", Discarded)));
        for (int call = 0; call < Discarded; call++)
        {
            ObjectRun.GetParentId();
            Assert.Empty(ObjectRun.Drain(session));
        }

        ObjectRun.GetParentId();
        Assert.Equal(Discarded + 1u, ObjectRun.Members(Assert.Single(ObjectRun.Drain(session)))["call"]);
    }

    [Fact]
    public void EqualStructsAreOneType()
    {
        Type[] types = Enumerable.Range(0, 2).Select(_ =>
        {
            using ProbeSession session = ProbeSession.Start(ObjectRun.Options("records", ("traced_pid", Environment.ProcessId)));
            ObjectRun.GetParentId();
            return Assert.Single(ObjectRun.Drain(session)).GetType();
        }).ToArray();

        Assert.Same(types[0], types[1]);
    }

    [Fact]
    public void AProgramThatIsRefusedDoesNotKeepTheOthersOut()
    {
        using ProbeSession session = ProbeSession.Start(ObjectRun.Options("records"));

        Assert.Equal("records", session.Name);
        Assert.Equal([("asked", ProgramState.Attached), ("refused", ProgramState.Refused)], session.Programs.Select(program => (program.Name, program.State)));
        Assert.Equal("tp/syscalls/sys_enter_getppid", Assert.Single(session.Programs[0].Hooks));
        Assert.Contains("refused", session.Programs[1].Reason, StringComparison.Ordinal);
        Assert.Contains(session.Maps, map => map.Name == "counts" && map.ValueType == "struct counts");
    }
}
