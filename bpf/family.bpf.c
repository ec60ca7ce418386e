/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * family: for -IncludeChild, keeps the map of thread groups that are in. A child joins when it is
 * forked by one that is in or that the filters match at that moment; it leaves with its last thread.
 */
#define MAX_STREAMS 1

#include "filter.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *parent, struct task_struct *child)
{
	u32 parent_pid = task_pid(parent), child_pid;

	/* A new thread: its group is in or is not. */
	if (BPF_CORE_READ(child, tgid) != BPF_CORE_READ(child, pid))
		return 0;
	if (!bpf_map_lookup_elem(&family, &parent_pid) && !current_matches(parent, parent_pid))
		return 0;
	child_pid = task_pid(child);
	if (child_pid)
		join_family(child_pid, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exited, struct task_struct *task)
{
	u32 pid;

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	pid = task_pid(task);
	bpf_map_delete_elem(&family, &pid);
	return 0;
}
