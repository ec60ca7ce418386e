using EbpfPs.Events;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Messages of bpf_printk, when a reader ends and another one goes on.</summary>
public sealed class TracePipeTests : KernelTest
{
    private static readonly string[] _ofACall = [$"pid {Environment.ProcessId}", "two\nlines"];

    [Fact]
    public void WhatComesAfterAReadersEndIsTheNextOnes()
    {
        ObjectSessionOptions options = ObjectRun.Options("printing", ("traced_pid", Environment.ProcessId));
        using ProbeSession printing = ProbeSession.Start(options);
        using ProbeSession session = ProbeSession.StartTracePipe();
        using (EventReader reader = session.OpenReader())
        {
            ObjectRun.GetParentId();
            reader.EndHere();
            ObjectRun.GetParentId();
            ObjectRun.GetParentId();
            Assert.Equal(_ofACall, Rest(reader));

            // Asked again it takes nothing away either.
            Assert.Null(reader.TryRead());
        }

        using EventReader next = session.OpenReader();
        Assert.Equal([.. _ofACall, .. _ofACall], Rest(next));
    }

    /// <summary>tracefs is one for all containers, each of which has its own process 1; and a pid is used again.</summary>
    [Fact]
    public void WhatAKilledProcessLeftIsTakenAwayAndAnotherContainersIsNot()
    {
        string instances = Path.Combine(EbpfPs.Bpf.KernelSupport.Tracefs!, "instances");
        string space = new FileInfo("/proc/self/ns/pid").LinkTarget![5..^1];
        string left = Path.Combine(instances, $"ebpfps-{Environment.ProcessId}-1-{space}-1");
        string others = Path.Combine(instances, $"ebpfps-{Environment.ProcessId}-1-1-1");
        Directory.CreateDirectory(left);
        Directory.CreateDirectory(others);
        try
        {
            using ProbeSession session = ProbeSession.StartTracePipe();

            Assert.False(Directory.Exists(left));
            Assert.True(Directory.Exists(others));
            Assert.Single(Directory.GetDirectories(instances, $"ebpfps-{Environment.ProcessId}-*-{space}-*"));
        }
        finally
        {
            Directory.Delete(others);
        }
    }

    private static string[] Rest(EventReader reader)
    {
        List<string> messages = [];
        while (reader.TryRead() is TraceMessage message)
        {
            messages.Add(message.Message);
        }

        return [.. messages];
    }
}
