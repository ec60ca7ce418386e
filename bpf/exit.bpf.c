/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * exit: one event for each process, when its last thread leaves (kernel/exit.c, do_exit), whichever
 * thread that is. The name is the leader's, which is the process's.
 */
#define MAX_STREAMS 1

#include "filter.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum exit_stream {
	STREAM_EXIT = 0,
};

struct exit_event {
	struct event_header header;
	u64 lifetime; /* ns, from the process's fork */
	u32 status;   /* as wait(2) gives it */
	u32 reserved;
};

/* The record lies on the stack; a variable of its type puts the struct into the object's BTF. */
const volatile struct exit_event layout = {};

/* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT 0x4

/* include/uapi/asm-generic/errno-base.h */
#define EEXIST 17

/*
 * Two threads that leave at once both find no live thread left when they come here. The first of
 * them speaks for the process; a number that is used again has another start.
 */
struct process_key {
	u64 start;
	u64 tgid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct process_key);
	__type(value, u8);
} reported SEC(".maps");

/* What wait(2) will give: wait_task_zombie() of kernel/exit.c. */
static __always_inline u32 wait_status(struct task_struct *leader)
{
	struct signal_struct *signal = BPF_CORE_READ(leader, signal);

	if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT)
		return BPF_CORE_READ(signal, group_exit_code);
	return BPF_CORE_READ(leader, exit_code);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exited, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct process_key key = {};
	struct exit_event event = {};
	struct counters *count;
	struct task_ids ids;
	u8 yes = 1;

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	ids = current_ids(task);
	if (!selected(leader, ids.pid, STREAM_EXIT))
		return 0;
	key.start = BPF_CORE_READ(leader, start_boottime);
	key.tgid = BPF_CORE_READ(task, tgid);
	/* Before Linux 6.4 the kernel's function gives an int, whose sign is lost where 64 bits are compared. */
	if ((int)bpf_map_update_elem(&reported, &key, &yes, BPF_NOEXIST) == -EEXIST)
		return 0;
	count = get_counters(STREAM_EXIT);
	if (!count)
		return 0;
	fill_header(&event.header, ids, EVENT_EXIT, STREAM_EXIT);
	BPF_CORE_READ_INTO(&event.header.comm, leader, comm);
	event.lifetime = event.header.time - key.start;
	event.status = wait_status(leader);
	submit(&event.header, sizeof(event), count);
	return 0;
}
