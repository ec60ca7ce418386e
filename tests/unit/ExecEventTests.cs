using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class ExecEventTests
{
    private static byte[] Whole => Record.Exec("/usr/bin/printf"u8, "printf\0\0it's\0a b\n\0"u8, 0, 18);

    [Fact]
    public void EveryPropertyOfASuccess()
    {
        ExecEvent decoded = ExecEvent.Decode(Whole, Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("exec", decoded.Probe);
        Assert.Equal("/usr/bin/printf", decoded.FileName);
        Assert.Equal(["printf", "", "it's", "a b\n"], decoded.ArgumentList);
        Assert.Equal(@"printf '' 'it'\''s' 'a b" + "\n'", decoded.CommandLine);
        Assert.Equal("parent-of-many", decoded.ParentProcessName);
        Assert.Equal(0, decoded.ErrorNumber);
        Assert.Equal("", decoded.ErrorName);
        Assert.Equal(18, decoded.ArgumentLength);
        Assert.False(decoded.Truncated);
    }

    [Fact]
    public void EveryPropertyOfAFailureThatWasCut()
    {
        byte[] record = Record.Exec("nothing"u8, "nothing\0--flag\0cut he"u8, 2, 0, EventHeader.Truncated);

        ExecEvent decoded = ExecEvent.Decode(record, Record.Context());

        Record.AssertHeader(decoded);
        Assert.Equal("nothing", decoded.FileName);
        Assert.Equal(["nothing", "--flag", "cut he"], decoded.ArgumentList);
        Assert.Equal("nothing --flag 'cut he'", decoded.CommandLine);
        Assert.Equal(2, decoded.ErrorNumber);
        Assert.Equal("ENOENT", decoded.ErrorName);
        Assert.Equal(0, decoded.ArgumentLength);
        Assert.True(decoded.Truncated);
    }

    [Fact]
    public void NoArgumentsAtAll()
    {
        ExecEvent decoded = ExecEvent.Decode(Record.Exec("/bin/true"u8, default, 0, 0), Record.Context());

        Assert.Empty(decoded.ArgumentList);
        Assert.Equal("", decoded.CommandLine);
    }

    [Fact]
    public void OneEmptyArgument()
    {
        ExecEvent decoded = ExecEvent.Decode(Record.Exec("/bin/true"u8, "\0"u8, 0, 1), Record.Context());

        Assert.Equal([""], decoded.ArgumentList);
        Assert.Equal("''", decoded.CommandLine);
    }

    [Fact]
    public void BytesThatAreNotUtf8ComeThroughWhole()
    {
        byte[] name = [(byte)'/', 0xff, 0xc3, 0x28, 0x1b, (byte)'['];

        ExecEvent decoded = ExecEvent.Decode(Record.Exec(name, "\xe4\0"u8, 0, 3), Record.Context());

        Assert.Equal(name, KernelText.ToBytes(decoded.FileName));
        Assert.Equal(["\xe4"], decoded.ArgumentList);
    }

    [Fact]
    public void WhatStandsBehindTheRecordIsNotPartOfIt()
    {
        // A record that is made in the ring itself has more room than it fills: its header says where it ends.
        byte[] room = [.. Whole, .. "stale\0stale\0"u8];

        ExecEvent decoded = ExecEvent.Decode(room, Record.Context());

        Assert.Equal(["printf", "", "it's", "a b\n"], decoded.ArgumentList);
    }

    [Fact]
    public void CutAtEachOffsetIsRefused()
    {
        HostileRecords.RefusesEveryCut(Whole, ExecEvent.Decode);
        HostileRecords.RefusesEveryHonestCut(Whole, ExecEvent.Decode);
    }

    [Fact]
    public void RandomMutationsGiveAnEventOrAnEbpfException()
    {
        byte[][] seeds = [Whole, Record.Exec("x"u8, "x\0y"u8, 13, 0, EventHeader.Truncated), Record.Exec(default, default, 0, 0)];

        (int decoded, int refused) = HostileRecords.Mutate(seeds, 100_000, ExecEvent.Decode);

        Assert.Equal(100_000, decoded + refused);
        Assert.True(decoded > 10_000, $"only {decoded} decoded");
        Assert.True(refused > 10_000, $"only {refused} were refused");
    }
}
