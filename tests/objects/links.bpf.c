/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A program for each kind of link or attachment, none of which does anything. Their names are longer than the kernel keeps them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} runs SEC(".maps");

static __always_inline int count(void)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&runs, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getpriority")
int counts_every_getpriority(void *ctx)
{
	return count();
}

SEC("raw_tp/sched_process_exec")
int on_raw_tracepoint_of_exec(void *ctx)
{
	return 0;
}

SEC("tp_btf/sched_process_exit")
int on_btf_tracepoint_of_exit(void *ctx)
{
	return 0;
}

SEC("iter/task")
int goes_over_all_tasks(void *ctx)
{
	return 0;
}

SEC("cgroup_skb/egress")
int lets_every_packet_out(struct __sk_buff *skb)
{
	return 1;
}

SEC("xdp")
int lets_every_frame_in(struct xdp_md *frame)
{
	return XDP_PASS;
}

SEC("sk_lookup")
int looks_nothing_up(struct bpf_sk_lookup *lookup)
{
	return SK_PASS;
}

SEC("tc")
int lets_every_packet_on(struct __sk_buff *skb)
{
	return -1;
}

SEC("flow_dissector")
int dissects_no_flow(struct __sk_buff *skb)
{
	return BPF_OK;
}

SEC("sk_skb/stream_verdict")
int judges_no_stream(struct __sk_buff *skb)
{
	return SK_PASS;
}
