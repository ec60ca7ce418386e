/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The typed filters: on fields of the task alone, before anything is read or copied. Within one
 * filter any value will do; all filters that are set must agree.
 */
#ifndef EBPFPS_FILTER_BPF_H
#define EBPFPS_FILTER_BPF_H

#include "session.bpf.h"
#include "task.bpf.h"

#define MAX_CGROUPS 16

const volatile u32 self_pid = 0;         /* the reader, left out; 0: nobody is */
const volatile bool filter_pids = false; /* map pids */
const volatile bool filter_uids = false; /* map uids */
const volatile u32 filter_cgroups = 0;   /* how many of map cgroups are set */
const volatile bool filter_names = false;
const volatile bool include_children = false; /* map family */

/*
 * Wildcard patterns over a task's name as one automaton, a bit for each state and all patterns
 * side by side (the Shift-And method of Baeza-Yates and Gonnet). names_accept[c] has the states
 * that byte c may lead into; the other masks have the states that stay where they are for any
 * byte (`*`) and for a UTF-8 continuation byte (`?`).
 */
const volatile u64 names_accept[256] = {};
const volatile u64 names_stay_any = 0;
const volatile u64 names_stay_continuation = 0;
const volatile u64 names_start = 0;
const volatile u64 names_final = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u8);
} pids SEC(".maps"), uids SEC(".maps"); /* shared */

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, MAX_CGROUPS);
	__type(key, u32);
	__type(value, u32);
} cgroups SEC(".maps"); /* shared */

/* Thread groups that are in because they, or the one they were forked from, once were. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u8);
} family SEC(".maps"); /* shared */

static __always_inline bool name_matches(struct task_struct *named)
{
	char comm[TASK_COMM_LEN] = {};
	u64 states = names_start;
	int i;

	BPF_CORE_READ_INTO(&comm, named, comm);
	for (i = 0; i < TASK_COMM_LEN - 1; i++) {
		u8 c = comm[i];
		u64 stay = names_stay_any;

		if (!c)
			break;
		if ((c & 0xc0) == 0x80)
			stay |= names_stay_continuation;
		states = ((states << 1) & names_accept[c]) | (states & stay);
	}
	return states & names_final;
}

static __always_inline bool in_cgroups(void)
{
	u32 i;

	for (i = 0; i < MAX_CGROUPS; i++) {
		if (i >= filter_cgroups)
			break;
		if (bpf_current_task_under_cgroup(&cgroups, i) == 1)
			return true;
	}
	return false;
}

/* Whether the filters let the current task in, under the name of the task that is given. */
static __always_inline bool current_matches(struct task_struct *named, u32 pid)
{
	if (filter_pids && !bpf_map_lookup_elem(&pids, &pid))
		return false;
	if (filter_uids) {
		u32 uid = bpf_get_current_uid_gid();

		if (!bpf_map_lookup_elem(&uids, &uid))
			return false;
	}
	if (filter_cgroups && !in_cgroups())
		return false;
	return !filter_names || name_matches(named);
}

/* A process that the reader's namespace has no number for can't be told from others. */
static __always_inline void join_family(u32 pid, u32 stream)
{
	struct counters *count;
	u8 yes = 1;

	if (!pid)
		return;
	if (bpf_map_update_elem(&family, &pid, &yes, BPF_ANY) == 0)
		return;
	count = get_counters(stream);
	if (count)
		count->map_full++;
}

/* Whether the current task's events are wanted; its name is that of the task that is given. */
static __always_inline bool selected(struct task_struct *named, u32 pid, u32 stream)
{
	if (!armed() || (self_pid && pid == self_pid))
		return false;
	if (!include_children)
		return current_matches(named, pid);
	if (bpf_map_lookup_elem(&family, &pid))
		return true;
	if (!current_matches(named, pid))
		return false;
	/* Its last thread has left the family already, and closes its files now: nobody would take it out again. */
	if (BPF_CORE_READ(named, signal, live.counter) > 0)
		join_family(pid, stream);
	return true;
}

#endif
