/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is kept from a call's entry to its exit: in task local storage where tracing programs may
 * use it (Linux 5.12), else in a hash map by thread. The session decides and creates only one.
 */
#ifndef EBPFPS_CALL_START_BPF_H
#define EBPFPS_CALL_START_BPF_H

#include "session.bpf.h"

#ifndef CALL_ARGUMENTS
#define CALL_ARGUMENTS 4
#endif

struct call_start {
	u64 time; /* 0: no call is under way */
	u64 arguments[CALL_ARGUMENTS];
};

const volatile bool use_task_storage = false;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call_start);
} start_by_task SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32); /* thread, in the initial pid namespace */
	__type(value, struct call_start);
} start_by_thread SEC(".maps");

static __always_inline void keep_start(const struct call_start *start, u32 stream)
{
	struct counters *count;

	if (use_task_storage) {
		struct call_start *kept = bpf_task_storage_get(&start_by_task, bpf_get_current_task_btf(),
							       NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (kept) {
			*kept = *start;
			return;
		}
	} else {
		u32 thread = bpf_get_current_pid_tgid();

		if (bpf_map_update_elem(&start_by_thread, &thread, start, BPF_ANY) == 0)
			return;
	}
	count = get_counters(stream);
	if (count)
		count->map_full++;
}

/* What the current thread's call has kept, in place; NULL when no call is under way. */
static __always_inline struct call_start *current_start(void)
{
	struct call_start *kept;
	u32 thread;

	if (use_task_storage) {
		kept = bpf_task_storage_get(&start_by_task, bpf_get_current_task_btf(), NULL, 0);
		return kept && kept->time ? kept : NULL;
	}
	thread = bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&start_by_thread, &thread);
}

/* Moves the start of the call that now ends into *start; false when there is none. */
static __always_inline bool take_start(struct call_start *start)
{
	struct call_start *kept = current_start();
	u32 thread;

	if (!kept)
		return false;
	*start = *kept;
	if (use_task_storage) {
		kept->time = 0;
	} else {
		thread = bpf_get_current_pid_tgid();
		bpf_map_delete_elem(&start_by_thread, &thread);
	}
	return true;
}

/* For a call that never returns in the thread that made it. */
static __always_inline void forget_start(u32 thread)
{
	if (use_task_storage) {
		struct call_start *kept =
			bpf_task_storage_get(&start_by_task, bpf_get_current_task_btf(), NULL, 0);
		if (kept)
			kept->time = 0;
	} else {
		bpf_map_delete_elem(&start_by_thread, &thread);
	}
}

#endif
