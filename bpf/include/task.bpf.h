/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who the current task is, in the words of the reader's pid namespace. */
#ifndef EBPFPS_TASK_BPF_H
#define EBPFPS_TASK_BPF_H

#include "event.bpf.h"
#include <bpf/bpf_core_read.h>

/* The deepest nesting of pid namespaces: include/linux/pid_namespace.h, MAX_PID_NS_LEVEL. */
#define MAX_PID_NS_LEVEL 32

/* Inode number of the reader's pid namespace; 0 when it is the initial one. */
const volatile u32 reader_pidns = 0;

/*
 * Where controllers are still in cgroup v1 hierarchies, of which one holds the containers: Probes/CgroupMounts.cs
 * says which. A runtime puts a container into all of them.
 */
enum legacy_controller {
	LEGACY_NONE = 0,
	LEGACY_MEMORY = 1,
	LEGACY_PIDS = 2,
	LEGACY_DEVICES = 3,
	LEGACY_FREEZER = 4,
	LEGACY_CPU = 5,
};

const volatile u32 legacy_controller = LEGACY_NONE;

struct task_ids {
	u32 pid;
	u32 tid;
};

/* pid_nr_ns() of kernel/pid.c: the number that a struct pid has in the reader's namespace, or 0. */
static __always_inline u32 pid_in_reader_ns(struct pid *pid)
{
	struct upid *numbers = __builtin_preserve_access_index(&pid->numbers[0]);
	u32 level = BPF_CORE_READ(pid, level);
	u32 i;

	for (i = 0; i < MAX_PID_NS_LEVEL + 1; i++) {
		struct upid *at = (void *)numbers + i * bpf_core_type_size(struct upid);

		if (i > level)
			break;
		if (BPF_CORE_READ(at, ns, ns.inum) == reader_pidns)
			return BPF_CORE_READ(at, nr);
	}
	return 0;
}

/* Thread group of any task, as the reader sees it. */
static __always_inline u32 task_pid(struct task_struct *task)
{
	if (!reader_pidns)
		return BPF_CORE_READ(task, tgid);
	return pid_in_reader_ns(BPF_CORE_READ(task, group_leader, thread_pid));
}

static __always_inline struct task_ids current_ids(struct task_struct *task)
{
	struct task_ids ids = {};
	u64 both;

	if (!reader_pidns) {
		both = bpf_get_current_pid_tgid();
		ids.pid = both >> 32;
		ids.tid = both;
	} else {
		ids.pid = task_pid(task);
		ids.tid = pid_in_reader_ns(BPF_CORE_READ(task, thread_pid));
	}
	return ids;
}

static __always_inline u32 parent_pid(struct task_struct *task)
{
	return task_pid(BPF_CORE_READ(task, real_parent));
}

/*
 * Linux 5.11 gives the current task with its type, so that its fields are loaded by plain
 * instructions; before it, each pointer on the way is a helper's call.
 */
static __always_inline bool has_typed_task(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

/* Eight bytes of a name up to its NUL: before Linux 5.17 the rest may be of an older, longer name. */
static __always_inline u64 before_nul(u64 text)
{
	u64 nul = (text - 0x0101010101010101ULL) & ~text & 0x8080808080808080ULL;

	/* The lowest bit of nul stands in the first NUL; without one the mask is all ones. */
	return text & (((nul & -nul) >> 7) - 1);
}

/* The controller's number in this kernel; it depends on how the kernel was built. */
static __always_inline u64 legacy_index(void)
{
	if (legacy_controller == LEGACY_MEMORY)
		return bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	if (legacy_controller == LEGACY_PIDS)
		return bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	if (legacy_controller == LEGACY_DEVICES)
		return bpf_core_enum_value(enum cgroup_subsys_id, devices_cgrp_id);
	if (legacy_controller == LEGACY_FREEZER)
		return bpf_core_enum_value(enum cgroup_subsys_id, freezer_cgrp_id);
	return bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
}

static __always_inline u64 legacy_cgroup_id(struct css_set *set)
{
	void *states = __builtin_preserve_access_index(&set->subsys[0]);
	struct cgroup_subsys_state *state;

	if (legacy_controller == LEGACY_NONE)
		return 0;
	if (bpf_probe_read_kernel(&state, sizeof(state), states + legacy_index() * sizeof(state)))
		return 0;
	return BPF_CORE_READ(state, cgroup, kn, id);
}

/* The same by plain instructions: of a typed pointer the verifier takes any load at a constant offset. */
static __always_inline u64 legacy_cgroup_id_by_loads(struct css_set *set)
{
	void *states = __builtin_preserve_access_index(&set->subsys[0]);
	struct cgroup_subsys_state *state;

	if (legacy_controller == LEGACY_NONE)
		return 0;
	state = *(struct cgroup_subsys_state **)(states + legacy_index() * sizeof(state));
	return state->cgroup->kn->id;
}

/*
 * By plain loads only what the verifier takes as never NULL (BTF_TYPE_SAFE_RCU of kernel/bpf/verifier.c): where BTF has
 * the kernel's __rcu tags, task->cred would have to be tested first.
 */
static __always_inline void fill_from_fields(struct event_header *header, struct task_struct *task)
{
	u64 *name = (u64 *)&task->comm, *comm = (u64 *)header->comm;

	header->cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	header->legacy_cgroup_id = legacy_cgroup_id_by_loads(task->cgroups);
	comm[0] = before_nul(name[0]);
	comm[1] = comm[0] >> 56 ? before_nul(name[1]) : 0;
}

static __always_inline void fill_by_helpers(struct event_header *header)
{
	header->cgroup_id = bpf_get_current_cgroup_id();
	header->legacy_cgroup_id =
		legacy_cgroup_id(BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), cgroups));
	bpf_get_current_comm(header->comm, sizeof(header->comm));
}

/* Fills all of a header but its size and sequence, for the current task; now is the boot time. */
static __always_inline void fill_header_at(struct event_header *header, u64 now, struct task_ids ids,
					   u16 kind, u8 stream)
{
	u64 uid_gid = bpf_get_current_uid_gid();

	header->time = now;
	header->kind = kind;
	header->stream = stream;
	header->flags = 0;
	header->cpu = bpf_get_smp_processor_id();
	header->pid = ids.pid;
	header->tid = ids.tid;
	header->uid = uid_gid;
	header->gid = uid_gid >> 32;
	if (has_typed_task()) {
		struct task_struct *task = bpf_get_current_task_btf();

		fill_from_fields(header, task);
		header->ppid = reader_pidns ? parent_pid(task) : (u32)task->real_parent->tgid;
	} else {
		fill_by_helpers(header);
		header->ppid = parent_pid((void *)bpf_get_current_task());
	}
}

static __always_inline void fill_header(struct event_header *header, struct task_ids ids, u16 kind,
					u8 stream)
{
	fill_header_at(header, bpf_ktime_get_boot_ns(), ids, kind, stream);
}

#endif
