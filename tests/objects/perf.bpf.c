/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A perf buffer whose record is a local variable's struct, which compilers leave out of BTF; another such struct beside it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	unsigned int pid;
	unsigned int number;
	enum {
		FIRST,
		LATER,
	} place;
	short grid[2][3];
	unsigned int low : 5;
	unsigned int high : 27;
	char comm[16];
};

struct scratch {
	unsigned long long many[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, unsigned int);
	__type(value, unsigned long long);
} sums SEC(".maps");

const volatile unsigned int traced_pid = 0;
unsigned int made;

SEC("tp/syscalls/sys_enter_getppid")
int asked(void *ctx)
{
	struct scratch scratch = {};
	struct event event = {};
	unsigned int key = 0;

	event.pid = bpf_get_current_pid_tgid() >> 32;
	if (event.pid != traced_pid)
		return 0;
	/* One thread asks: an atomic addition that returns a value came with Linux 5.12. */
	event.number = made++;
	event.place = event.number ? LATER : FIRST;
	event.grid[1][2] = -4;
	event.low = 17;
	event.high = event.number;
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	scratch.many[event.number & 7] = 1;
	bpf_map_update_elem(&sums, &key, &scratch.many[event.number & 7], BPF_ANY);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
