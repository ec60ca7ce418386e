/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A ring of records with members of every kind, and a program that this kernel may refuse beside one that it takes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum action {
	ASKED = 1,
	ANSWERED = 2,
};

enum rights {
	READ = 1,
	WRITE = 2,
	EXECUTE = 4,
	ALL = 7,
};

struct place {
	short x;
	int y;
};

struct event {
	unsigned int pid;
	char comm[16];
	enum action action;
	enum rights rights;
	struct place from;
	struct {
		_Bool flag;
		signed char tiny;
	};
	unsigned int low : 3;
	int negative : 5;
	enum action bits : 2;
	unsigned __int128 wide;
	__int128 deep;
	double ratio;
	struct place corners[2];
	int numbers[3];
	int matrix[2][2];
	enum action actions[2];
	union {
		unsigned int address;
		unsigned char bytes[4];
	};
	union {
		unsigned long long number;
		unsigned int half;
	} either;
	unsigned char address6[16];
	unsigned char hardware[6];
	unsigned short port;
	int result;
	unsigned long long time;
	unsigned long long elapsed;
	void *pointer;
	char tail[];
};

struct event *unused __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

struct counts {
	unsigned long long made;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct counts);
} counts SEC(".maps");

const volatile unsigned int traced_pid = 0;
const volatile unsigned int length = 0;

SEC("tp/syscalls/sys_enter_getppid")
int asked(void *ctx)
{
	unsigned int pid = bpf_get_current_pid_tgid() >> 32;
	unsigned int key = 0;
	struct counts *made;
	struct event *e;

	if (pid != traced_pid)
		return 0;
	if (length) {
		char few[8] = "few";

		bpf_ringbuf_output(&records, few, sizeof(few), 0);
		return 0;
	}
	e = bpf_ringbuf_reserve(&records, sizeof(*e) + 8, 0);
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e) + 8);
	e->pid = pid;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->action = ANSWERED;
	e->rights = READ | EXECUTE;
	e->from.x = -3;
	e->from.y = 70000;
	e->flag = 1;
	e->tiny = -128;
	e->low = 5;
	e->negative = -3;
	e->bits = ANSWERED;
	e->wide = ((unsigned __int128)1 << 100) + 3;
	e->deep = -((__int128)1 << 100);
	*(unsigned long long *)&e->ratio = 0x3ff8000000000000ULL;
	e->corners[1].x = 9;
	e->corners[1].y = -9;
	e->numbers[2] = -77;
	e->matrix[1][0] = 4;
	e->actions[1] = ASKED;
	e->address = 0x0100007f;
	e->either.number = 0x100000002ULL;
	e->address6[15] = 1;
	e->hardware[0] = 0xaa;
	e->hardware[5] = 0x01;
	e->port = 0x5000;
	e->result = -2;
	e->time = bpf_ktime_get_boot_ns();
	e->elapsed = 1500;
	e->pointer = (void *)0x1234;
	e->tail[0] = 'h';
	e->tail[1] = (char)0xff;
	bpf_ringbuf_submit(e, 0);
	made = bpf_map_lookup_elem(&counts, &key);
	if (made)
		made->made++;
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int refused(void *ctx)
{
	unsigned int key = 1;
	struct counts *made = bpf_map_lookup_elem(&counts, &key);

	return made->made;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
