using System.Collections;
using System.Numerics;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>Variables of tests/objects/globals.bpf.c, set by name and read back from the kernel.</summary>
public sealed class ObjectVariableTests : KernelTest
{
    public static TheoryData<string, object, object> Values => new()
    {
        { "tiny", -128, (sbyte)-128 },
        { "small", 255, (byte)255 },
        { "medium", (short)-5, (short)-5 },
        { "port", "0x1f90", (ushort)8080 },
        { "number", int.MinValue, int.MinValue },
        { "count", 4294967295L, uint.MaxValue },
        { "large", "-7", -7L },
        { "huge", ulong.MaxValue, ulong.MaxValue },
        { "wide", -BigInteger.Pow(2, 127), -BigInteger.Pow(2, 127) },
        { "flag", true, true },
        { "flag", 1, true },
        { "level", "LOW", "LOW" },
        { "level", 2, "HIGH" },
        { "ratio", 2.5, 2.5 },
        { "factor", 0.5, 0.5f },
        { "number", 3.0, 3 },
        { "text", "schön", "schön" },
        { "bytes", new byte[] { 9, 8 }, new byte[] { 9, 8, 0, 0 } },
        { "bytes", "cat", new byte[] { 99, 97, 116, 0 } },
        { "numbers", new object[] { -1, 2L }, new[] { -1, 2, 0 } },
        { "data", 42, 42 },
        { "zero", -1, -1 },
    };

    public static TheoryData<string, object?, string, string> Refusals => new()
    {
        { "tiny", 128, "'tiny' is a signed char and can't be 128", "-128 to 127" },
        { "small", -1, "'small' is a unsigned char", "0 to 255" },
        { "number", 2147483648L, "'number' is a int", "-2147483648 to 2147483647" },
        { "huge", -1, "'huge' is a unsigned long long", "0 to 18446744073709551615" },
        { "number", 1.5, "can't be 1.5", "a whole number" },
        { "number", "many", "can't be 'many'", "a whole number" },
        { "number", null, "can't be null", "a whole number" },
        { "flag", 2, "'flag' is a _Bool", "true, false, 0 or 1" },
        { "level", "MIDDLE", "'level' is a enum level and can't be 'MIDDLE'", "LOW, HIGH" },
        { "text", "12345678", "'text' is a char[8]", "at most 7 bytes" },
        { "numbers", new[] { 1, 2, 3, 4 }, "'numbers' is a int[3]", "at most 3" },
        { "numbers", 1, "'numbers' is a int[3]", "an array" },
        { "settings", 1, "'settings' is a struct settings", "@{ name = value }" },
        { "settings", new Hashtable { ["nothing"] = 1 }, "'settings.nothing'", "limit, low" },
        { "settings", new Hashtable { ["low"] = 8 }, "'settings.low' is a unsigned int", "0 to 7" },
        { "pointer", 1, "'pointer' is a void *", "pointers can't be set" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void AValueIsWhatTheProgramSees(string name, object value, object expected) => Assert.Equal(expected, Read(name, value)[name]);

    [Fact]
    public void AStructTakesTheMembersThatAreGiven()
    {
        StructValue settings = (StructValue)Read("settings", new Hashtable
        {
            ["signed_bits"] = -16,
            ["name"] = "cat",
            ["bytes"] = new[] { 1, 2, 3, 4 },
            ["inner"] = new Hashtable { ["depth"] = 3 },
        })["settings"]!;

        Assert.Equal(((short)5, 1u, -16, "cat"), (settings["limit"], settings["low"], settings["signed_bits"], settings["name"]));
        Assert.Equal(0x04030201u, settings["word"]);
        Assert.Equal(3, ((StructValue)settings["inner"]!)["depth"]);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void AValueThatTheTypeCanNotHoldIsRefused(string name, object? value, string message, string hint)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => ProbeSession.Load(ObjectRun.Options("globals", (name, value))));

        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
    }

    private static Dictionary<string, object?> Read(string name, object? value)
    {
        using ProbeSession session = ProbeSession.Load(ObjectRun.Options("globals", (name, value)));
        return session.Maps
            .Where(map => map.Name.StartsWith("globals.", StringComparison.Ordinal))
            .SelectMany(map => (StructValue)map.Entries().Single().Value)
            .ToDictionary(pair => pair.Key, pair => (object?)pair.Value);
    }
}
