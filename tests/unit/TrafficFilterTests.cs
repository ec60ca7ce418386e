using System.Buffers.Binary;
using System.Text;
using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.UnitTests;

/// <summary>Filters of tc(8) as the kernel writes them: what tests/kernel can't make where a kernel has few kinds of filters and no actions.</summary>
public sealed class TrafficFilterTests
{
    private static readonly LinkTarget _device = new("eth0") { InterfaceIndex = 7 };

    [Theory]
    [InlineData("matchall", 2)]
    [InlineData("flower", 3)]
    [InlineData("basic", 3)]
    [InlineData("u32", 7)]
    [InlineData("bpf", 1)]
    public void TheActionsOfAnyFilterAreTold(string kind, int attribute)
    {
        byte[] action = [.. Attribute(1, Text("bpf")), .. Attribute(2, [.. Attribute(6, Text("x.o:[action]")), .. Attribute(9, Number(42))])];
        byte[] other = [.. Attribute(1, Text("gact")), .. Attribute(2, Attribute(9, Number(43)))];
        byte[] message = Filter(0xfffffff3, 9, 0x1, [.. Attribute(1, Text(kind)), .. Attribute(2, Attribute(attribute, [.. Attribute(1, other), .. Attribute(2, action)]))]);
        Attachment found = Assert.Single(Read(message));

        Assert.Equal((BpfLinkType.Tc, 42, BpfAttachType.TcEgress), (found.Type, found.ProgramId, found.Target.AttachType));
        Assert.Equal(("eth0", 7), (found.Target.Text, found.Target.InterfaceIndex));
        Assert.Equal($"pref 9 chain 0 handle 0x1 {kind} action bpf x.o:[action]", found.Mode);
    }

    [Fact]
    public void AFilterAndItsActionsAreSeveral()
    {
        byte[] action = [.. Attribute(1, Text("bpf")), .. Attribute(2, [.. Attribute(6, Text("a")), .. Attribute(9, Number(42))])];
        byte[] options = [.. Attribute(1, Attribute(1, action)), .. Attribute(7, Text("filter")), .. Attribute(8, Number(0)), .. Attribute(11, Number(41))];
        byte[] message = Filter(0x00010010, 3, 0x2, [.. Attribute(1, Text("bpf")), .. Attribute(2, options), .. Attribute(11, Number(5))]);

        Assert.Equal(
            ["41 TcCustom parent 1:10 pref 3 chain 5 handle 0x2 bpf filter", "42 TcCustom parent 1:10 pref 3 chain 5 handle 0x2 bpf action bpf a"],
            Read(message).Select(one => $"{one.ProgramId} {one.Target.AttachType} {one.Mode}"));
    }

    [Fact]
    public void WhatIsCutOffOrOfAnotherKindIsNothing()
    {
        byte[] message = Filter(0xfffffff2, 1, 1, [.. Attribute(1, Text("bpf")), .. Attribute(2, Attribute(11, Number(41)))]);
        for (int length = 20; length < message.Length; length++)
        {
            Assert.Empty(Read(message[..length]));
        }

        Assert.Single(Read(message));
        Assert.Empty(Read(Filter(0xfffffff2, 1, 1, [.. Attribute(1, Text("route")), .. Attribute(2, Attribute(11, Number(41)))])));
    }

    private static List<Attachment> Read(byte[] message)
    {
        List<Attachment> found = [];
        TrafficFilter.Add(found, message, _device);
        return found;
    }

    /// <summary>struct tcmsg and the attributes.</summary>
    private static byte[] Filter(uint parent, uint preference, uint handle, byte[] attributes)
    {
        byte[] message = new byte[20 + attributes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), 7);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), handle);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), parent);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(16), preference << 16 | 0x0300);
        attributes.CopyTo(message.AsSpan(20));
        return message;
    }

    /// <summary>struct nlattr, filled up to 4 bytes.</summary>
    private static byte[] Attribute(int type, byte[] value)
    {
        byte[] bytes = new byte[(4 + value.Length + 3) / 4 * 4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)type);
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text + "\0");

    private static byte[] Number(uint number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }
}
