using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>What kind of record it is: <c>enum event_kind</c> of bpf/include/event.bpf.h.</summary>
public enum EventKind : ushort
{
    /// <summary>A program was executed, or not.</summary>
    Exec = 1,

    /// <summary>A process ended.</summary>
    Exit = 2,

    /// <summary>A file was opened, or not.</summary>
    Open = 3,

    /// <summary>A TCP connection was made, accepted or closed.</summary>
    Connect = 4,

    /// <summary>A syscall took long.</summary>
    Latency = 5,
}

/// <summary><c>struct event_header</c> of bpf/include/event.bpf.h; a unit test compares the two through BTF.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EventHeader
{
    public ulong Time;
    public ulong Sequence;
    public ulong CgroupId;
    public EventKind Kind;
    public byte Stream;
    public byte Flags;
    public uint Size;
    public uint Cpu;
    public uint Pid;
    public uint Tid;
    public uint Ppid;
    public uint Uid;
    public uint Gid;
    public TaskName Comm;
    public ulong LegacyCgroupId;

    /// <summary><c>EVENT_TRUNCATED</c> in <see cref="Flags"/>.</summary>
    public const byte Truncated = 1;

    /// <summary><c>EVENT_NO_DESCRIPTOR</c> in <see cref="Flags"/>.</summary>
    public const byte NoDescriptor = 2;

    /// <summary>Reads the header and cuts the record to the size that it gives.</summary>
    /// <exception cref="EbpfException">The record is shorter than its header or than it says.</exception>
    public static EventHeader Read(ref ReadOnlySpan<byte> record)
    {
        EventHeader header = ReadStruct<EventHeader>(record);
        if (header.Size > record.Length || header.Size < Unsafe.SizeOf<EventHeader>())
        {
            throw Invalid($"it says {header.Size} bytes and has {record.Length}");
        }

        record = record[..(int)header.Size];
        return header;
    }

    /// <summary>Reads a structure that a record starts with.</summary>
    /// <exception cref="EbpfException">The record is too short.</exception>
    public static T ReadStruct<T>(ReadOnlySpan<byte> record)
        where T : unmanaged =>
        MemoryMarshal.TryRead(record, out T value)
            ? value
            : throw Invalid($"it has {record.Length} bytes where {Unsafe.SizeOf<T>()} are needed");

    /// <summary>Cuts a part out of a record.</summary>
    /// <exception cref="EbpfException">The part is not inside.</exception>
    public static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> record, ulong offset, ulong length) =>
        offset <= (ulong)record.Length && length <= (ulong)record.Length - offset
            ? record.Slice((int)offset, (int)length)
            : throw Invalid($"a part of {length} bytes at {offset} is not inside its {record.Length} bytes");

    /// <summary>The exception for a record that can't be decoded.</summary>
    public static EbpfException Invalid(string reason) =>
        new(EbpfErrorId.InvalidRecord, $"A record from the kernel can't be decoded: {reason}.");
}

/// <summary>A task's name: 16 bytes, filled up with NUL (TASK_COMM_LEN of include/linux/sched.h).</summary>
[InlineArray(16)]
internal struct TaskName
{
    private byte _first;

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in _first, 16);
}
