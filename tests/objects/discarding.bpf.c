/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A program that takes room in a ring first and decides then: most of what it takes it gives back. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	unsigned int call;
	char padding[60];
};

struct event *unused __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} kept SEC(".maps");

const volatile unsigned int traced_pid = 0;
const volatile unsigned int discarded = 0; /* so many, before one is kept */
unsigned int calls = 0;

SEC("tp/syscalls/sys_enter_getppid")
int asked(void *ctx)
{
	struct event *e;

	if (bpf_get_current_pid_tgid() >> 32 != traced_pid)
		return 0;
	e = bpf_ringbuf_reserve(&kept, sizeof(*e), 0);
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	e->call = ++calls;
	if (calls <= discarded)
		bpf_ringbuf_discard(e, 0);
	else
		bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
