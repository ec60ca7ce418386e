using System.Buffers.Binary;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

/// <summary>
/// Records as the kernel lays them out, written byte by byte at literal offsets: nothing here is derived from the
/// structs that the decoders read with.
/// </summary>
internal static class Record
{
    public const int HeaderSize = 80;
    public const int ExecSize = HeaderSize + 32;
    public const int OpenSize = HeaderSize + 32;

    /// <summary>Writes a header whose values differ in every field.</summary>
    public static void WriteHeader(Span<byte> record, EventKind kind, byte flags)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(record, 5_000_000_123);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], 77);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], 0x1_0000_0042);
        BinaryPrimitives.WriteUInt16LittleEndian(record[24..], (ushort)kind);
        record[26] = 3;
        record[27] = flags;
        BinaryPrimitives.WriteInt32LittleEndian(record[28..], record.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[32..], 5);
        BinaryPrimitives.WriteInt32LittleEndian(record[36..], 4001);
        BinaryPrimitives.WriteInt32LittleEndian(record[40..], 4002);
        BinaryPrimitives.WriteInt32LittleEndian(record[44..], 4000);
        BinaryPrimitives.WriteUInt32LittleEndian(record[48..], 4_294_967_294);
        BinaryPrimitives.WriteUInt32LittleEndian(record[52..], 1001);
        "workload\0......"u8.CopyTo(record[56..]);
        BinaryPrimitives.WriteUInt64LittleEndian(record[72..], 0x2_0000_0043);
    }

    /// <summary>A record of <c>struct exec_event</c>.</summary>
    /// <param name="fileName">The file name, without NUL.</param>
    /// <param name="arguments">The arguments as they lie on the stack, with their NULs.</param>
    /// <param name="error">The errno.</param>
    /// <param name="total">Bytes of all arguments before any was cut.</param>
    /// <param name="flags">The header's flags.</param>
    public static byte[] Exec(ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> arguments, int error, int total, byte flags = 0)
    {
        byte[] record = new byte[ExecSize + fileName.Length + arguments.Length];
        WriteHeader(record, EventKind.Exec, flags);
        "parent-of-many\0\0"u8.CopyTo(record.AsSpan(80));
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(96), error);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(100), total);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(104), arguments.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(108), fileName.Length);
        fileName.CopyTo(record.AsSpan(ExecSize));
        arguments.CopyTo(record.AsSpan(ExecSize + fileName.Length));
        return record;
    }

    /// <summary>A record of <c>struct open_event</c>.</summary>
    public static byte[] Open(ReadOnlySpan<byte> fileName, int directory, int result, uint openFlags, uint mode, byte flags = 0)
    {
        byte[] record = new byte[OpenSize + fileName.Length];
        WriteHeader(record, EventKind.Open, flags);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(80), 1_234_567);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(88), directory);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(92), result);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(96), openFlags);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(100), mode);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(104), fileName.Length);
        fileName.CopyTo(record.AsSpan(OpenSize));
        return record;
    }

    /// <summary>A context whose names and clock are fixed.</summary>
    public static EventContext Context() =>
        new(new FakeNames(), "testhost") { BootToUnixNs = 1_700_000_000_000_000_000 };

    /// <summary>What every record with <see cref="WriteHeader"/>'s header must have become.</summary>
    public static void AssertHeader(EbpfEvent decoded)
    {
        Assert.Equal(1_700_000_005_000_000_123, decoded.TimestampNs);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 25, DateTimeKind.Utc).AddTicks(1), decoded.Time.ToUniversalTime());
        Assert.Equal(DateTimeKind.Local, decoded.Time.Kind);
        Assert.Equal(77UL, decoded.Sequence);
        Assert.Equal(0x1_0000_0042UL, decoded.CgroupId);
        Assert.Equal("container-of-4294967362-8589934659", decoded.ContainerId);
        Assert.Equal(3, decoded.Stream);
        Assert.Equal(5, decoded.Cpu);
        Assert.Equal(4001, decoded.ProcessId);
        Assert.Equal(4002, decoded.ThreadId);
        Assert.Equal(4000, decoded.ParentProcessId);
        Assert.Equal(4_294_967_294, decoded.UserId);
        Assert.Equal("user-4294967294", decoded.UserName);
        Assert.Equal(1001U, decoded.GroupId);
        Assert.Equal("workload", decoded.ProcessName);
        Assert.Equal("testhost", decoded.ComputerName);
        Assert.Contains($" {decoded.Probe} 4001 workload", decoded.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Names that can be told from the numbers they stand for, and how often they were asked for.</summary>
    internal sealed class FakeNames : INameResolver
    {
        public int UserLookups { get; private set; }

        public int ContainerLookups { get; private set; }

        public string UserName(uint userId)
        {
            UserLookups++;
            return $"user-{userId}";
        }

        public string ContainerId(ulong cgroupId, ulong legacyCgroupId)
        {
            ContainerLookups++;
            return $"container-of-{cgroupId}-{legacyCgroupId}";
        }
    }
}
