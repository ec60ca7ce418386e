/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Programs that no verifier lets pass, each for one reason. RefusedProgramTests loads them one by one and finds the
 * line that is at fault by the word after "fault:".
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define REFUSED SEC("raw_tracepoint/sys_enter")
#define naked __attribute__((naked))

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[64]);
} texts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

const volatile __u64 constant = 7;

struct raw_arguments {
	__u64 args[2];
};

/* A field that no kernel has. */
struct task_struct {
	int no_such_field;
} __attribute__((preserve_access_index));

REFUSED
int reads_null(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &key);

	return *value; /* fault: reads_null */
}

REFUSED
int reads_beyond_value(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &key);

	return value ? value[1] : 0; /* fault: reads_beyond_value */
}

REFUSED
int index_unbounded(struct raw_arguments *ctx)
{
	__u32 key = 0;
	volatile char *text = bpf_map_lookup_elem(&texts, &key);

	return text ? text[ctx->args[1]] : 0; /* fault: index_unbounded */
}

REFUSED
int index_too_large(struct raw_arguments *ctx)
{
	__u32 key = 0;
	volatile char *text = bpf_map_lookup_elem(&texts, &key);

	return text ? text[ctx->args[1] & 0xff] : 0; /* fault: index_too_large */
}

REFUSED
int reads_number(void *ctx)
{
	return *(volatile int *)bpf_get_current_task(); /* fault: reads_number */
}

REFUSED
int reads_beyond_context(void *ctx)
{
	return *(volatile int *)(ctx + 4096); /* fault: reads_beyond_context */
}

REFUSED
int writes_constant(void *ctx)
{
	*(volatile __u64 *)&constant = 1; /* fault: writes_constant */
	return 0;
}

REFUSED
int loops_forever(void *ctx)
{
	while (1)
		asm volatile("r1 = 1" ::: "r1"); /* fault: loops_forever */
	return 0;
}

REFUSED
int loops_too_long(void *ctx)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < 10000000; i++) /* fault: loops_too_long */
		asm volatile("%0 += 1" : "+r"(sum));
	return sum;
}

static __attribute__((noinline)) int deep(volatile char *text)
{
	volatile char copy[300] = {};

	return copy[5] + text[0];
}

SEC("xdp")
int uses_much_stack(struct xdp_md *ctx)
{
	volatile char text[300] = {};

	return deep(text);
}

REFUSED
int writes_beyond_stack(void *ctx)
{
	asm volatile("*(u64 *)(r10 - 520) = %0" ::"r"(1)); /* fault: writes_beyond_stack */
	return 0;
}

REFUSED
naked int reads_unset_register(void)
{
	asm volatile("r0 = r5; exit"); /* fault: reads_unset_register */
}

REFUSED
naked int returns_nothing(void)
{
	asm volatile("exit"); /* fault: returns_nothing */
}

REFUSED
naked int has_no_end(void)
{
	asm volatile("r0 = 0");
}

REFUSED
naked int has_dead_code(void)
{
	asm volatile("r0 = 0; exit; r0 = 1; exit"); /* fault: has_dead_code */
}

REFUSED
int calls_other_types_helper(void *ctx)
{
	return bpf_xdp_adjust_head(ctx, 0); /* fault: calls_other_types_helper */
}

REFUSED
int keeps_reservation(void *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (record)
		*record = 1;
	return 0; /* fault: keeps_reservation */
}

REFUSED
int writes_beyond_record(void *ctx)
{
	volatile __u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	record[1] = 1; /* fault: writes_beyond_record */
	bpf_ringbuf_submit((void *)record, 0);
	return 0;
}

REFUSED
int passes_number(void *ctx)
{
	return bpf_map_lookup_elem(&values, (void *)123) != 0; /* fault: passes_number */
}

REFUSED
int copies_unbounded(struct raw_arguments *ctx)
{
	char text[64];

	bpf_probe_read_kernel(text, ctx->args[0], (void *)ctx->args[1]); /* fault: copies_unbounded */
	return text[0];
}

REFUSED
int masks_pointer(void *ctx)
{
	__u64 address = (__u64)ctx;

	asm volatile("%0 &= 0xff" : "+r"(address)); /* fault: masks_pointer */
	return address;
}

REFUSED
int moves_context(struct raw_arguments *ctx)
{
	return *(volatile __u8 *)((void *)ctx + (ctx->args[1] & 7)); /* fault: moves_context */
}

REFUSED
int reads_missing_field(void *ctx)
{
	return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), no_such_field); /* fault: reads_missing_field */
}

SEC("xdp")
int reads_packet_unchecked(struct xdp_md *ctx)
{
	return *(volatile __u8 *)(long)ctx->data; /* fault: reads_packet_unchecked */
}

SEC("cgroup_skb/egress")
int returns_wrong_verdict(struct __sk_buff *ctx)
{
	return 77; /* fault: returns_wrong_verdict */
}
