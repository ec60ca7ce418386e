/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What every record in the ring starts with. tests/unit compares it with Events/EventHeader.cs through BTF. */
#ifndef EBPFPS_EVENT_BPF_H
#define EBPFPS_EVENT_BPF_H

#include "kernel_types.bpf.h"

enum event_kind {
	EVENT_EXEC = 1,
	EVENT_EXIT = 2,
	EVENT_OPEN = 3,
	EVENT_CONNECT = 4,
	EVENT_LATENCY = 5,
};

enum event_flags {
	/* Something did not fit; the record says how long it was where that can be known. */
	EVENT_TRUNCATED = 1,
	/* A file that is open without a descriptor: io_uring's direct descriptors are the ring's own. */
	EVENT_NO_DESCRIPTOR = 2,
};

struct event_header {
	u64 time;      /* CLOCK_BOOTTIME, ns, when the record was made */
	u64 sequence;  /* per probe, stream and CPU; advances for a lost event too */
	u64 cgroup_id; /* of the cgroup v2 hierarchy */
	u16 kind;      /* enum event_kind */
	u8 stream;     /* which of the probe's programs made it: the sequence is that program's */
	u8 flags;      /* enum event_flags */
	u32 size;      /* of the whole record */
	u32 cpu;
	u32 pid;  /* thread group, in the reader's pid namespace; 0 where it has none there */
	u32 tid;  /* thread, likewise */
	u32 ppid; /* the parent's thread group, likewise */
	u32 uid;
	u32 gid;
	char comm[TASK_COMM_LEN];
	u64 legacy_cgroup_id; /* of a controller's cgroup v1 hierarchy; 0 where there is none */
};

#endif
