/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * open: every open, creat, openat and openat2, when it returns.
 *
 * The file name is read at exit, not at entry: by then the kernel has faulted its page in
 * (getname() of fs/namei.c), while at entry a page that is not resident reads as nothing.
 */
#define MAX_STREAMS 7
#define CALL_ARGUMENTS 5 /* the last is which call it was */

#include "call_start.bpf.h"
#include "open_event.bpf.h"
#include "open_uring.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline int open_entered(u32 stream, u32 call, u64 first, u64 second, u64 third,
					u64 fourth)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct call_start start = { .arguments = { first, second, third, fourth, call } };

	if (!selected(task, current_ids(task).pid, stream))
		return 0;
	start.time = bpf_ktime_get_boot_ns();
	keep_start(&start, stream);
	return 0;
}

static __always_inline int open_returned(u32 stream, u32 call, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct open_arguments of;
	struct call_start start;
	struct open_event *event;
	struct counters *count;
	struct scratch *record;
	u64 now, duration;
	long read;
	u32 size;

	/* The start may be another call's, whose end the kernel skipped, as it did this one's start. */
	if (!take_start(&start) || start.arguments[4] != call)
		return 0;
	now = bpf_ktime_get_boot_ns();
	duration = now - start.time;
	if (duration < minimum_duration || !armed())
		return 0;
	count = get_counters(stream);
	record = bpf_map_lookup_elem(&scratch, &stream);
	if (!count || !record)
		return 0;
	of = open_arguments(call, start.arguments);
	event = &record->event;
	fill_header_at(&event->header, now, current_ids(task), EVENT_OPEN, stream);
	event->duration = duration;
	event->result = result;
	read = bpf_probe_read_user_str(event->filename, FILENAME_SPACE, (void *)of.filename);
	size = fill_open(event, &of, read);
	submit(&event->header, size, count);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPEN, STREAM_OPEN, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPEN, STREAM_OPEN, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_creat")
int enter_creat(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_CREAT, STREAM_CREAT, ctx->args[0], ctx->args[1], 0, 0);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int exit_creat(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_CREAT, STREAM_CREAT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPENAT, STREAM_OPENAT, ctx->args[0], ctx->args[1], ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPENAT, STREAM_OPENAT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int enter_openat2(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPENAT2, STREAM_OPENAT2, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPENAT2, STREAM_OPENAT2, ctx->ret);
}

/* Without tracefs: the pair that every syscall of the machine goes through, 32-bit ones too. */
static __always_inline int open_call(long number, bool compat)
{
	if (compat) {
		switch (number) {
		case NR32_openat:
			return STREAM_OPENAT;
		case NR32_openat2:
			return STREAM_OPENAT2;
		case NR32_open:
			return STREAM_OPEN;
		case NR32_creat:
			return STREAM_CREAT;
		default:
			return -1;
		}
	}
	switch (number) {
	case NR_openat:
		return STREAM_OPENAT;
	case NR_openat2:
		return STREAM_OPENAT2;
#if NR_open >= 0
	case NR_open:
		return STREAM_OPEN;
	case NR_creat:
		return STREAM_CREAT;
#endif
	default:
		return -1;
	}
}

/* The table is looked up last: most calls are in neither. */
static __always_inline int current_open_call(long number, bool *compat)
{
	if (open_call(number, false) < 0 && open_call(number, true) < 0)
		return -1;
	*compat = is_compat_call((void *)bpf_get_current_task());
	return open_call(number, *compat);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(raw_enter, struct pt_regs *regs, long number)
{
	u64 raw[4];
	bool compat;
	int call = current_open_call(number, &compat);

	if (call < 0)
		return 0;
	read_call_arguments(regs, compat, raw);
	return open_entered(STREAM_RAW, call, raw[0], raw[1], raw[2], raw[3]);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit, struct pt_regs *regs, long result)
{
	bool compat;
	int call = current_open_call(syscall_number(regs), &compat);

	return call < 0 ? 0 : open_returned(STREAM_RAW, call, result);
}
