/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A record that is hard to show: names that PowerShell or .NET have for themselves, and members where none is expected. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum __attribute__((packed)) tiny {
	SMALL = 1,
	LARGE = 200,
};

enum negative {
	BELOW = -5,
	ABOVE = 7,
};

enum high {
	FIRST = 1,
	SECOND = 2,
	THIRD = 4,
	LAST = 0x80000000,
};

struct __attribute__((packed)) tight {
	unsigned char one;
	unsigned int two;
	unsigned short three;
};

struct inner {
	char letter;
	long number;
};

struct hostile {
	/* Members that every object has. */
	unsigned int Count;
	unsigned int Length;
	unsigned int ToString;
	unsigned int GetType;
	unsigned int Equals;
	unsigned int Values;
	unsigned int PSTypeNames;
	unsigned int PSObject;

	/* Words of C# and PowerShell. */
	unsigned int class;
	unsigned int string;
	unsigned int foreach;

	/* The same to PowerShell. */
	unsigned int same;
	unsigned int SAME;
	unsigned int same_2;
	unsigned long long when;
	unsigned int whenNs;

	struct tight tight;
	unsigned int first : 7;
	unsigned int second : 18;
	unsigned long long third : 50;
	int below : 9;
	_Bool yes : 1;
	enum tiny few : 8;
	unsigned __int128 wide : 100;
	__int128 crossing : 28;

	signed char bytes[4];
	char names[3][8];
	_Bool flags[3];
	unsigned int nothing[0];
	union {
		struct {
			union {
				unsigned int deep;
				unsigned char parts[4];
			};
			unsigned short beside;
		};
		unsigned long long whole;
	};
	enum tiny tiny;
	enum negative negative;
	enum negative several[2];
	enum high high;
	struct {
		int x;
		struct inner pairs[2];
	} outer;
	unsigned short port;
	struct hostile *next;
	int (*call)(void);
	float half;
	char tail[12];
};

struct hostile *unused __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

const volatile unsigned int traced_pid = 0;

/* How much of the tail to write; below zero the record ends before it, above 12 it goes on. */
const volatile int tail_length = 12;

SEC("tp/syscalls/sys_enter_getppid")
int fill(void *ctx)
{
	static char record[sizeof(struct hostile) + 32];
	struct hostile *h = (void *)record;
	unsigned int length = __builtin_offsetof(struct hostile, tail) + tail_length;

	if (bpf_get_current_pid_tgid() >> 32 != traced_pid)
		return 0;
	h->Count = 1;
	h->Length = 2;
	h->ToString = 3;
	h->GetType = 4;
	h->Equals = 5;
	h->Values = 6;
	h->PSTypeNames = 7;
	h->PSObject = 8;
	h->class = 9;
	h->string = 10;
	h->foreach = 11;
	h->same = 12;
	h->SAME = 13;
	h->same_2 = 14;
	h->when = bpf_ktime_get_boot_ns();
	h->whenNs = 15;
	h->tight.one = 1;
	h->tight.two = 0x02030405;
	h->tight.three = 3;
	h->first = 0x55;
	h->second = 0x2aaaa;
	h->third = 0x2123456789abcULL;
	h->below = -200;
	h->yes = 1;
	h->few = LARGE;
	h->wide = ((unsigned __int128)1 << 99) + 1;
	h->crossing = -3;
	h->bytes[1] = -2;
	h->bytes[3] = 'a';
	__builtin_memcpy(h->names[1], "second", 7);
	__builtin_memcpy(h->names[2], "eight ch", 8);
	h->flags[1] = 1;
	h->whole = 0;
	h->deep = 0x01020304;
	h->beside = 5;
	h->tiny = LARGE;
	h->negative = BELOW;
	h->several[0] = ABOVE;
	h->several[1] = -1;
	h->high = LAST;
	h->outer.x = -1;
	h->outer.pairs[1].letter = 'p';
	h->outer.pairs[1].number = -9;
	h->port = 0x5000;
	h->next = (void *)0xffffffffffffffffULL;
	h->call = (void *)16;
	*(unsigned int *)&h->half = 0x3f000000;
	__builtin_memcpy(h->tail, "twelve chars", 12);
	__builtin_memset(record + sizeof(struct hostile), 'x', 32);
	if (length > sizeof(record))
		return 0;
	bpf_ringbuf_output(&records, record, length, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
