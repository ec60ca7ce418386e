using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Sessions of users' objects one after the other: descriptors, kernel objects and tracefs are then as they were.</summary>
[Trait("Load", "heavy")]
public sealed class ObjectCycleTests : KernelTest
{
    /// <summary>Of each of three objects: a hundred in all.</summary>
    private const int Cycles = 34;

    private const int Readers = 100;
    private const string Instances = "/sys/kernel/tracing/instances";

    private readonly KernelCensus _census = new();
    private readonly HashSet<string> _ids = [];
    private readonly string[] _instances = OwnInstances();

    [Theory]
    [InlineData("perf")]
    [InlineData("records")]
    [InlineData("printing")]
    public void StartsAndStopsOfAnObject(string name)
    {
        ObjectSessionOptions plain = ObjectRun.Options(name, ("traced_pid", Environment.ProcessId));
        for (int i = 0; i < Cycles; i++)
        {
            // With the messages of bpf_printk and without, stopped and only disposed.
            using ProbeSession session = ProbeSession.Start(new ObjectSessionOptions
            {
                Name = plain.Name,
                Image = plain.Image,
                Variables = plain.Variables,
                TracePipe = plain.Name == "printing" || i % 2 == 0,
            });
            ObjectRun.GetParentId();
            Assert.NotEmpty(ObjectRun.Drain(session));
            _ids.UnionWith(HeldObjects.IdsOf(Environment.ProcessId));
            if (i % 3 > 0)
            {
                session.Stop();
            }
        }

        foreach (string kind in new[] { "prog_id", "map_id", "link_id" })
        {
            Assert.Contains(_ids, id => id.StartsWith(kind, StringComparison.Ordinal));
        }

        Assert.Empty(HeldObjects.IdsOf(Environment.ProcessId));
        _census.AssertNothingLeft(_ids);
        Assert.Equal(_instances, OwnInstances());
    }

    [Fact]
    public void OneHundredReadersOfTheTracePipe()
    {
        for (int i = 0; i < Readers; i++)
        {
            using ProbeSession session = ProbeSession.StartTracePipe();
            using EventReader reader = session.OpenReader();
            reader.TryRead();
        }

        Assert.Equal(_instances, OwnInstances());
    }

    private static string[] OwnInstances() => Directory.Exists(Instances)
        ? Directory.GetDirectories(Instances, $"ebpfps-{Environment.ProcessId}-*")
        : [];
}
