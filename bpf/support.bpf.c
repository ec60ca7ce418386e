/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * support: one tiny program per mechanism, to see what this kernel lets this user load and attach.
 * Each is loaded alone. None does anything: the hooks are rare ones, and packets and calls pass.
 */
#include "kernel_types.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* include/uapi/linux/pkt_cls.h: go on as if there were no program. */
#define TC_ACT_UNSPEC -1

#define CGROUP_ALLOW 1

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} by_task SEC(".maps");

/* Hooks of tracing */

SEC("tracepoint/syscalls/sys_enter_sethostname")
int try_tracepoint(void *ctx)
{
	return 0;
}

SEC("raw_tp/task_rename")
int try_raw_tracepoint(void *ctx)
{
	return 0;
}

SEC("tp_btf/task_rename")
int try_tp_btf(void *ctx)
{
	return 0;
}

/* Exported since 2.6.29, so it is never inlined. */
SEC("kprobe/commit_creds")
int try_kprobe(void *ctx)
{
	return 0;
}

SEC("fentry/commit_creds")
int try_fentry(void *ctx)
{
	return 0;
}

SEC("fexit/commit_creds")
int try_fexit(void *ctx)
{
	return 0;
}

SEC("uprobe")
int try_uprobe(void *ctx)
{
	return 0;
}

SEC("perf_event")
int try_perf_event(void *ctx)
{
	return 0;
}

SEC("lsm/sb_pivotroot")
int try_lsm(void *ctx)
{
	return 0;
}

SEC("iter/task")
int try_iterator(void *ctx)
{
	return 0;
}

/* What io_uring runs: submit_req since Linux 6.4, submit_sqe before. */
SEC("tp_btf/io_uring_submit_req")
int try_io_uring_submit_req(void *ctx)
{
	return 0;
}

SEC("tp_btf/io_uring_submit_sqe")
int try_io_uring_submit_sqe(void *ctx)
{
	return 0;
}

/* Hooks of the network */

SEC("xdp")
int try_xdp(void *ctx)
{
	return XDP_PASS;
}

SEC("tc")
int try_tc(void *ctx)
{
	return TC_ACT_UNSPEC;
}

SEC("cgroup_skb/egress")
int try_cgroup_skb(void *ctx)
{
	return CGROUP_ALLOW;
}

/* In lockdown for confidentiality there is no such helper. */
SEC("raw_tp/task_rename")
int try_read_kernel(void *ctx)
{
	u64 value;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)bpf_get_current_task());
	return 0;
}

/* What programs may use; of the type that the probes have most of */

SEC("tracepoint/syscalls/sys_enter_sethostname")
int try_ring_buffer(void *ctx)
{
	u64 nothing = 0;

	bpf_ringbuf_output(&ring, &nothing, sizeof(nothing), BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_sethostname")
int try_task_storage(void *ctx)
{
	bpf_task_storage_get(&by_task, bpf_get_current_task_btf(), NULL, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_sethostname")
int try_task_pt_regs(void *ctx)
{
	return !bpf_task_pt_regs(bpf_get_current_task_btf());
}

static long do_nothing(u32 index, void *ctx)
{
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_sethostname")
int try_loop(void *ctx)
{
	bpf_loop(1, do_nothing, NULL, 0);
	return 0;
}
