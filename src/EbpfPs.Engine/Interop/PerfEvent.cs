using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>perf_event_open(2), as far as the engine opens events.</summary>
internal static class PerfEvent
{
    private const int AttributesSize = 64; // PERF_ATTR_SIZE_VER0
    private const int TypeSoftware = 1;
    private const int CpuClock = 0;
    private const int BpfOutput = 10;
    private const ulong SampleTime = 1 << 2;
    private const ulong SampleRaw = 1 << 10;
    private const ulong FormatLost = 1 << 4;
    private const ulong FlagFrequency = 1 << 10;
    private const ulong FlagWatermark = 1 << 14;
    private const int FlagCloseOnExec = 8;

    /// <summary>Whether this process may open events at all: seccomp and kernel.perf_event_paranoid may be against it.</summary>
    public static bool IsAllowed()
    {
        nint fd = Open(frequency: 1);
        return fd >= 0 && LibC.close((int)fd) == 0;
    }

    /// <summary>Opens the software clock of this process, which samples while the process runs.</summary>
    /// <param name="frequency">Samples a second.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static FileDescriptor OpenClock(int frequency) => new(Open(frequency), "open a perf event on the CPU clock");

    /// <summary>Opens the event of a CPU that eBPF programs write records to, as samples of a time and raw bytes.</summary>
    /// <param name="cpu">The CPU, which must be online.</param>
    /// <param name="watermark">How many bytes must wait before a reader is woken.</param>
    /// <param name="countsLost">Whether <see cref="ReadLost"/> can tell what was lost: since Linux 6.0.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static FileDescriptor OpenOutput(int cpu, int watermark, out bool countsLost)
    {
        Span<byte> attributes = stackalloc byte[AttributesSize];
        BinaryPrimitives.WriteInt32LittleEndian(attributes, TypeSoftware);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], AttributesSize);
        BinaryPrimitives.WriteInt64LittleEndian(attributes[8..], BpfOutput);
        BinaryPrimitives.WriteUInt64LittleEndian(attributes[24..], SampleTime | SampleRaw);
        BinaryPrimitives.WriteUInt64LittleEndian(attributes[40..], FlagWatermark);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[48..], watermark);
        BinaryPrimitives.WriteUInt64LittleEndian(attributes[32..], FormatLost);
        nint fd = LibC.syscall(LibC.SYS_perf_event_open, attributes, -1, cpu, -1, FlagCloseOnExec);
        countsLost = fd >= 0;
        if (fd < 0 && Marshal.GetLastPInvokeError() == LibBpfError.EINVAL)
        {
            attributes[32..40].Clear();
            fd = LibC.syscall(LibC.SYS_perf_event_open, attributes, -1, cpu, -1, FlagCloseOnExec);
        }

        return new FileDescriptor(fd, "open a perf buffer");
    }

    /// <summary>How many samples of an event found no room: what read(2) gives after its value (PERF_FORMAT_LOST).</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static long ReadLost(FileDescriptor output)
    {
        Span<byte> values = stackalloc byte[2 * sizeof(long)];
        LibBpfError.CheckLibC((int)LibC.read(output.Number, values, (nuint)values.Length), "read what a perf buffer lost");
        return BinaryPrimitives.ReadInt64LittleEndian(values[sizeof(long)..]);
    }

    private static nint Open(int frequency)
    {
        Span<byte> attributes = stackalloc byte[AttributesSize];
        BinaryPrimitives.WriteInt32LittleEndian(attributes, TypeSoftware);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], AttributesSize);
        BinaryPrimitives.WriteInt64LittleEndian(attributes[8..], CpuClock);
        BinaryPrimitives.WriteInt64LittleEndian(attributes[16..], frequency);
        BinaryPrimitives.WriteUInt64LittleEndian(attributes[40..], FlagFrequency);
        return LibC.syscall(LibC.SYS_perf_event_open, attributes, 0, -1, -1, FlagCloseOnExec);
    }
}
