/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A program for each kind of hook; each counts its runs under a key of its own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum hook {
	TP_BTF,
	RAW_TRACEPOINT,
	USER_FUNCTION,
	USER_RETURN,
	XDP,
	TC,
	EGRESS,
	CONNECT,
	HOOKS,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HOOKS);
	__type(key, unsigned int);
	__type(value, unsigned long long);
} runs SEC(".maps");

static void count(unsigned int hook)
{
	unsigned long long *made = bpf_map_lookup_elem(&runs, &hook);

	if (made)
		__sync_fetch_and_add(made, 1);
}

SEC("tp_btf/sys_enter")
int typed(void *ctx)
{
	count(TP_BTF);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int raw(void *ctx)
{
	count(RAW_TRACEPOINT);
	return 0;
}

SEC("uprobe")
int user_function(void *ctx)
{
	count(USER_FUNCTION);
	return 0;
}

SEC("uretprobe")
int user_return(void *ctx)
{
	count(USER_RETURN);
	return 0;
}

SEC("xdp")
int packet(struct xdp_md *ctx)
{
	count(XDP);
	return XDP_PASS;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	count(TC);
	return -1;
}

SEC("cgroup_skb/egress")
int leaving(struct __sk_buff *skb)
{
	count(EGRESS);
	return 1;
}

SEC("cgroup/connect4")
int connecting(struct bpf_sock_addr *ctx)
{
	count(CONNECT);
	return 1;
}

SEC("perf_event")
int sampled(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
