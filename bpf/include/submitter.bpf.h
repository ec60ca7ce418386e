/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Who is behind a thread that io_uring has made in a process: iou-wrk-N, which does what would block, and
 * iou-sqp-N, which submits (SQPOLL). They belong to the process, but have names of their own.
 */
#ifndef EBPFPS_SUBMITTER_BPF_H
#define EBPFPS_SUBMITTER_BPF_H

#include "task.bpf.h"
#include "uring.bpf.h"

/* include/linux/sched.h: PF_IO_WORKER, and what it was in Linux 5.10. */
#define PF_IO_WORKER 0x00000010
#define PF_IO_WORKER_5_10 0x20000000

static __always_inline bool is_uring_thread(struct task_struct *task)
{
	unsigned int flags = BPF_CORE_READ(task, flags);

	if (uring_form == URING_BY_USER_DATA)
		return flags & (PF_IO_WORKER | PF_IO_WORKER_5_10);
	return flags & PF_IO_WORKER;
}

/* The task whose name the filters mean. */
static __always_inline struct task_struct *submitter_of(struct task_struct *task)
{
	return uring_form && is_uring_thread(task) ? BPF_CORE_READ(task, group_leader) : task;
}

/* Gives a header of the current task the process's name. */
static __always_inline void name_submitter(struct event_header *header, struct task_struct *task)
{
	if (uring_form && is_uring_thread(task))
		BPF_CORE_READ_INTO(&header->comm, task, group_leader, comm);
}

#endif
