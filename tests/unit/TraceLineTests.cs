using System.Text;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Lines of trace pipes, as kernels from 5.10 on write them, and what only looks like one.</summary>
public sealed class TraceLineTests
{
    [Theory]
    [InlineData("            bash-1234    [001] d..31  5678.901234: bpf_trace_printk: hello", "bash", 1234, 0, 1, 5678901234000, "hello")]
    [InlineData("            bash-1234    (   1200) [001] d..31  5678.901234: bpf_trace_printk: hello", "bash", 1234, 1200, 1, 5678901234000, "hello")]
    [InlineData("           <...>-77      (-------) [000] ...1.     1.000001: bpf_trace_printk: ", "<...>", 77, 0, 0, 1000001000, "")]
    [InlineData(" kworker/0:1-eve-9       [012] d.h2.  0.000000: bpf_trace_printk: a: b", "kworker/0:1-eve", 9, 0, 12, 0, "a: b")]
    [InlineData("          <idle>-0       [000] d.s.  12.345678: 0x00000001: old kernels", "<idle>", 0, 0, 0, 12345678000, "old kernels")]
    public void ALineIsRead(string line, string name, int thread, int process, int cpu, long ns, string message)
    {
        TraceLine.Start start = TraceLine.Read(Encoding.UTF8.GetBytes(line))!.Value;

        Assert.Equal((name, thread, process, cpu, ns, message), (start.Name, start.ThreadId, start.ProcessId, start.Cpu, start.ClockNs, start.Message));
    }

    [Fact]
    public void AMessageThatLooksLikeALineStaysTheMessageOfItsOwn()
    {
        const string Forged = "x bash-1 [000] d..1 1.000000: bpf_trace_printk: forged";

        TraceLine.Start start = TraceLine.Read(Encoding.UTF8.GetBytes("  real-2  [001] d..1  2.000000: bpf_trace_printk: " + Forged))!.Value;

        Assert.Equal(("real", 2, Forged), (start.Name, start.ThreadId, start.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("the second line of a message")]
    [InlineData("CPU:1 [LOST 12 EVENTS]")]
    [InlineData("            bash-1234    [001] d..31  5678.901234: sched_switch: prev_comm=bash")]
    public void OtherLinesAreNone(string line) => Assert.Null(TraceLine.Read(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData("CPU:1 [LOST 12 EVENTS]", 12)]
    [InlineData("CPU:1 [LOST EVENTS]", 0)]
    [InlineData("a message with [LOST 12 EVENTS]", 0)]
    public void LossIsRead(string line, long lost) => Assert.Equal(lost, TraceLine.Lost(Encoding.UTF8.GetBytes(line)));
}
