using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

public sealed class TracepointFormatTests
{
    private const string Format = """
        name: block_rq_issue
        ID: 2104
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
        	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:dev_t dev;	offset:8;	size:4;	signed:0;
        	field:sector_t sector;	offset:16;	size:8;	signed:0;
        	field:short change;	offset:24;	size:2;	signed:1;
        	field:char comm[TASK_COMM_LEN];	offset:26;	size:16;	signed:0;
        	field:const char * name;	offset:48;	size:8;	signed:0;
        	field:__u8 saddr[4];	offset:56;	size:4;	signed:0;
        	field:unsigned long args[6];	offset:64;	size:48;	signed:0;
        	field:__data_loc char[] cmd;	offset:112;	size:4;	signed:0;
        	field:bool ok;	offset:116;	size:1;	signed:0;

        print fmt: "%d", REC->dev
        """;

    [Fact]
    public void MembersStandWhereTheKernelSays() => Assert.Equal(
        """
        struct tracepoint__block__block_rq_issue {
        	char __at_0[8];
        	unsigned int dev;
        	char __at_12[4];
        	unsigned long long sector;
        	short change;
        	char comm[16];
        	char __at_42[6];
        	const char * name;
        	unsigned char saddr[4];
        	char __at_60[4];
        	unsigned long long args[6];
        	int data_loc_cmd;
        	unsigned char ok;
        } __attribute__((packed, aligned(8)));

        """,
        TracepointFormat.Parse("block", "block_rq_issue", Format));

    [Fact]
    public void WhatIsNoFormatHasNoMembers() =>
        Assert.Equal("struct tracepoint__a__b {\n} __attribute__((packed, aligned(8)));\n", TracepointFormat.Parse("a", "b", "field:int x;\n"));
}
