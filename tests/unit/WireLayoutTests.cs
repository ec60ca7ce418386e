using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>
/// The structs that programs write and the engine reads are declared twice, in C and in C#. The built objects'
/// type information has the C side: a member that is moved, renamed, added or resized there fails here.
/// </summary>
public sealed partial class WireLayoutTests
{
    public static TheoryData<string, string, string, Type> Structs()
    {
        TheoryData<string, string, string, Type> rows = [];
        foreach (string architecture in new[] { "x64", "arm64" })
        {
            foreach (ProbeSpec probe in ProbeCatalog.All)
            {
                Type wire = probe.EventType.GetNestedType("Wire", BindingFlags.NonPublic)!;
                rows.Add(architecture, probe.Name, "event_header", typeof(EventHeader));
                rows.Add(architecture, probe.Name, "counters", typeof(ProgramAccount.Counters));
                rows.Add(architecture, probe.Name, probe.Name + "_event", wire);
                foreach (Type part in wire.GetFields().Select(field => field.FieldType).Where(type => type.DeclaringType == probe.EventType))
                {
                    rows.Add(architecture, probe.Name, SnakeCase().Replace(part.Name, "$1_$2").ToLowerInvariant(), part);
                }
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Structs))]
    public void BothSidesAgreeOnEveryMember(string architecture, string probe, string name, Type managed)
    {
        (int size, IReadOnlyList<BtfMember> members) = ReadStruct(architecture, probe, name);

        // A flexible array at the end is what follows the struct.
        IEnumerable<(string Name, int Offset)> native = members
            .Where(member => member.Offset / 8 < size)
            .Select(member => (Normal(member.Name), member.Offset / 8));

        Assert.Equal(native, Layout(managed).Select(field => (Normal(field.Name), field.Offset)));
        Assert.Equal(size, SizeOf(managed));
    }

    [Theory]
    [MemberData(nameof(Structs))]
    public void EveryFieldFillsTheRoomThatTheMemberHas(string architecture, string probe, string name, Type managed)
    {
        (int size, IReadOnlyList<BtfMember> members) = ReadStruct(architecture, probe, name);
        int[] offsets = [.. members.Select(member => member.Offset / 8).Where(offset => offset < size), size];

        Assert.Equal(
            offsets.Zip(offsets.Skip(1), (from, to) => to - from),
            managed.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(field => SizeOf(field.FieldType)));
    }

    [Theory]
    [InlineData("x64")]
    [InlineData("arm64")]
    public void TheControlBlockIsTwoWords(string architecture)
    {
        // RingReader reaches into it by offset: armed at 0, the reader's state at 4.
        (int size, IReadOnlyList<BtfMember> members) = ReadStruct(architecture, "exec", "control");

        Assert.Equal(8, size);
        Assert.Equal([("armed", 0), ("reader", 32)], members.Select(member => (member.Name, member.Offset)));
    }

    [Fact]
    public void KindsAndFlagsHaveTheSameNumbers()
    {
        Dictionary<string, int> header = Constants("bpf/include/event.bpf.h", "EVENT_");

        Assert.Equal(
            Enum.GetValues<EventKind>().ToDictionary(kind => kind.ToString().ToUpperInvariant(), kind => (int)kind),
            header.Where(constant => constant.Key is not ("TRUNCATED" or "NO_DESCRIPTOR")).ToDictionary());
        Assert.Equal((EventHeader.Truncated, EventHeader.NoDescriptor), (header["TRUNCATED"], header["NO_DESCRIPTOR"]));
        Assert.All(ProbeCatalog.All, probe => Assert.Equal(probe.Name.ToUpperInvariant(), probe.Kind.ToString().ToUpperInvariant()));
    }

    [Fact]
    public void ReaderStatesHaveTheSameNumbers()
    {
        Dictionary<string, int> states = Constants("bpf/include/session.bpf.h", "READER_");

        Assert.Equal(
            states,
            typeof(RingReader).GetFields(BindingFlags.NonPublic | BindingFlags.Static)
                .Where(field => field.IsLiteral && field.FieldType == typeof(uint))
                .ToDictionary(field => field.Name.ToUpperInvariant(), field => (int)(uint)field.GetRawConstantValue()!));
    }

    [Fact]
    public void EveryStreamHasItsCounters() => Assert.All(ProbeCatalog.All, probe =>
    {
        Match streams = Regex.Match(Sources.Read($"bpf/{probe.Name}.bpf.c"), @"#define MAX_STREAMS (\d+)");

        Assert.Equal($"{probe.Streams}", streams.Groups[1].Value);
    });

    private static (int Size, IReadOnlyList<BtfMember> Members) ReadStruct(string architecture, string probe, string name)
    {
        using OpenedBpfObject obj = BuiltObjects.Open(architecture, probe);
        return obj.Btf.FindStruct(name) ?? throw new InvalidOperationException($"{probe}.bpf.o has no struct {name}.");
    }

    private static Dictionary<string, int> Constants(string header, string prefix) =>
        Regex.Matches(Sources.Read(header), $@"^\s+{prefix}(\w+) = (\d+),", RegexOptions.Multiline)
            .ToDictionary(
                match => match.Groups[1].Value,
                match => int.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>cgroup_id and CgroupId are the same name.</summary>
    private static string Normal(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>
    /// Where each field lies: a struct of bytes 0, 1, 2, ... is read, and the first byte of a field is its offset.
    /// </summary>
    private static IEnumerable<(string Name, int Offset)> Layout(Type type)
    {
        object numbered = RuntimeHelpers.GetUninitializedObject(type);
        Span<byte> bytes = Bytes(numbered, SizeOf(type));
        Assert.InRange(bytes.Length, 1, 256);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)i;
        }

        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => (field.Name, (int)Bytes(field.GetValue(numbered)!, 1)[0]))
            .ToArray();
    }

    private static Span<byte> Bytes(object boxed, int length) =>
        System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref Unsafe.As<Box>(boxed).First, length);

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex SnakeCase();

    /// <summary>The shape of any boxed value: its bytes come first.</summary>
    private sealed class Box
    {
        public byte First;
    }
}
