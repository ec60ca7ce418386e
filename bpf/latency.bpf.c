/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * latency: how long syscalls take. Every call goes into a histogram for its syscall and process
 * name; one that took long also makes an event.
 *
 * Two ways to attach: one pair of programs on the entry and exit tracepoints of each syscall that
 * is named, or the raw pair that every syscall of the machine passes, which also sees 32-bit callers.
 */
#define MAX_STREAMS 2
#define CALL_ARGUMENTS 1

#include "bounds.bpf.h"
#include "call_start.bpf.h"
#include "filter.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum latency_stream {
	STREAM_CALL = 0,
	STREAM_RAW = 1,
};

struct latency_event {
	struct event_header header;
	u64 duration; /* ns */
	s64 result;
	u32 syscall; /* by the table that compat tells */
	u32 compat;  /* 1: a 32-bit call */
};

/* The record lies on the stack; a variable of its type puts the struct into the object's BTF. */
const volatile struct latency_event layout = {};

#define LATENCY_SLOTS 48

struct latency_key {
	u32 syscall;
	u32 compat;
	char comm[TASK_COMM_LEN];
};

/* All times are in nanoseconds; slot n counts calls of 2^n to 2^(n+1) - 1. */
struct latency_value {
	u64 count;
	u64 total;
	u64 minimum;
	u64 maximum;
	u64 slots[LATENCY_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024); /* the session sets the real size */
	__type(key, struct latency_key);
	__type(value, struct latency_value);
} hist SEC(".maps");

/* The value is too large for the stack. */
static const struct latency_value no_calls;

/*
 * Which calls the raw pair looks at: a bit for each number, of the native and the 32-bit table.
 * x32, which few kernels are built with, has its numbers beyond both.
 */
#define WANTED_NUMBERS 1024

const volatile u64 wanted_native[WANTED_NUMBERS / 64] = {};
const volatile u64 wanted_compat[WANTED_NUMBERS / 64] = {};
const volatile u64 minimum_duration = 0; /* ns; only for events */

static __always_inline bool is_wanted(u32 number, bool compat)
{
	u32 word = number / 64;

	if (number >= WANTED_NUMBERS)
		return false;
	barrier_var(word); /* or clang drops the mask, which is how the verifier knows the bound */
	word &= WANTED_NUMBERS / 64 - 1;
	return ((compat ? wanted_compat[word] : wanted_native[word]) >> (number % 64)) & 1;
}

static __always_inline u32 log2_of(u64 value)
{
	u32 result, shift;

	result = (value > 0xffffffff) << 5;
	value >>= result;
	shift = (value > 0xffff) << 4;
	value >>= shift;
	result |= shift;
	shift = (value > 0xff) << 3;
	value >>= shift;
	result |= shift;
	shift = (value > 0xf) << 2;
	value >>= shift;
	result |= shift;
	shift = (value > 0x3) << 1;
	value >>= shift;
	result |= shift;
	return result | (value >> 1);
}

static __always_inline void add_to_histogram(const struct latency_key *key, u64 duration, u32 stream)
{
	struct latency_value *value = bpf_map_lookup_elem(&hist, key);
	struct counters *count;

	if (!value) {
		/* Another CPU may add the key meanwhile; then this fails and the lookup finds it. */
		bpf_map_update_elem(&hist, key, &no_calls, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&hist, key);
	}
	if (!value) {
		count = get_counters(stream);
		if (count)
			count->map_full++;
		return;
	}
	if (!value->count || duration < value->minimum)
		value->minimum = duration;
	if (duration > value->maximum)
		value->maximum = duration;
	value->total += duration;
	value->count++;
	value->slots[at_most(log2_of(duration), LATENCY_SLOTS - 1)]++;
}

static __always_inline int call_entered(u32 stream, u32 number, bool compat)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct call_start start = { .arguments = { number | (u64)compat << 32 } };

	/* An exec that succeeds is an event under its new name, as others see it: the filters are asked at its return. */
	if (is_exec_call(number, compat) ? !armed() : !selected(task, current_ids(task).pid, stream))
		return 0;
	start.time = bpf_ktime_get_boot_ns();
	keep_start(&start, stream);
	return 0;
}

static __always_inline void report(const struct latency_key *key, u64 duration, s64 result, u32 stream)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct counters *count = get_counters(stream);
	struct latency_event event = {};

	if (!count)
		return;
	fill_header(&event.header, current_ids(task), EVENT_LATENCY, stream);
	event.duration = duration;
	event.result = result;
	event.syscall = key->syscall;
	event.compat = key->compat;
	submit(&event.header, sizeof(event), count);
}

/*
 * The call is named by what its entry kept: an exec that changes between 64 and 32 bits returns
 * under the number of the new program's table (arch/x86/kernel/process_64.c, set_personality_*).
 */
static __always_inline int call_returned(u32 stream, u32 number, s64 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct latency_key key = {};
	struct call_start start;
	u64 duration;

	if (!take_start(&start))
		return 0;
	duration = bpf_ktime_get_boot_ns() - start.time;
	if (!armed())
		return 0;
	key.syscall = start.arguments[0];
	key.compat = start.arguments[0] >> 32;
	/* The start of another call, whose end the kernel skipped, as it did this one's start. */
	if (key.syscall != number && !is_exec_call(key.syscall, key.compat))
		return 0;
	if (is_exec_call(key.syscall, key.compat) && !selected(task, current_ids(task).pid, stream))
		return 0;
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	add_to_histogram(&key, duration, stream);
	if (duration >= minimum_duration)
		report(&key, duration, result, stream);
	return 0;
}

/*
 * Attached to every sys_enter_NAME and sys_exit_NAME that is wanted. Of the entry nothing behind
 * the number may be read: a call without arguments ends there, and the kernel then refuses to
 * attach (perf_event_set_bpf_prog() of kernel/events/core.c).
 */
SEC("tracepoint")
int enter_call(struct syscall_trace_enter *ctx)
{
	return call_entered(STREAM_CALL, ctx->nr, false);
}

SEC("tracepoint")
int exit_call(struct trace_event_raw_sys_exit *ctx)
{
	return call_returned(STREAM_CALL, ctx->id, ctx->ret);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(raw_enter, struct pt_regs *regs, long number)
{
	bool compat = is_compat_call((void *)bpf_get_current_task());

	if (!is_wanted(number, compat))
		return 0;
	return call_entered(STREAM_RAW, number, compat);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit, struct pt_regs *regs, long result)
{
	bool compat = is_compat_call((void *)bpf_get_current_task());
	u32 number = syscall_number(regs);

	if (!is_wanted(number, compat))
		return 0;
	return call_returned(STREAM_RAW, number, result);
}
