/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * open: every open, creat, openat and openat2, when it returns.
 *
 * The file name is read at exit, not at entry: by then the kernel has faulted its page in
 * (getname() of fs/namei.c), while at entry a page that is not resident reads as nothing.
 */
#define MAX_STREAMS 5

#include "bounds.bpf.h"
#include "call_start.bpf.h"
#include "filter.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum open_stream {
	STREAM_OPEN = 0,
	STREAM_CREAT = 1,
	STREAM_OPENAT = 2,
	STREAM_OPENAT2 = 3,
	STREAM_RAW = 4,
};

/* include/uapi/asm-generic/fcntl.h; fs/open.c: creat(2) is open(2) with these. */
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000
#define AT_FDCWD -100

struct open_event {
	struct event_header header;
	u64 duration; /* ns */
	s32 directory;
	s32 result; /* a descriptor, or -errno */
	u32 open_flags;
	u32 mode;
	u64 filename_size; /* bytes, without NUL */
	char filename[];
};

/* One byte beyond PATH_MAX tells a name that fits from one that is cut. */
#define FILENAME_SPACE (PATH_MAX + 1)

struct scratch {
	struct open_event event;
	char filename[PATH_MAX + 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_STREAMS);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

const volatile u64 minimum_duration = 0; /* ns */

/* What each call's arguments come to. */
struct open_arguments {
	u64 filename;
	s32 directory;
	u32 flags;
	u32 mode;
};

/* include/uapi/linux/openat2.h */
struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

static __always_inline int open_entered(u32 stream, u64 first, u64 second, u64 third, u64 fourth)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct call_start start = { .arguments = { first, second, third, fourth } };

	if (!selected(task, current_ids(task).pid, stream))
		return 0;
	start.time = bpf_ktime_get_boot_ns();
	keep_start(&start, stream);
	return 0;
}

static __always_inline struct open_arguments open_arguments(u32 call, const u64 *raw)
{
	struct open_arguments of = { .directory = AT_FDCWD };
	struct open_how how = {};

	switch (call) {
	case STREAM_OPEN:
		of.filename = raw[0];
		of.flags = raw[1];
		of.mode = raw[2];
		break;
	case STREAM_CREAT:
		of.filename = raw[0];
		of.flags = O_CREAT | O_WRONLY | O_TRUNC;
		of.mode = raw[1];
		break;
	case STREAM_OPENAT:
		of.directory = raw[0];
		of.filename = raw[1];
		of.flags = raw[2];
		of.mode = raw[3];
		break;
	case STREAM_OPENAT2:
		of.directory = raw[0];
		of.filename = raw[1];
		bpf_probe_read_user(&how, sizeof(how), (void *)raw[2]);
		of.flags = how.flags;
		of.mode = how.mode;
		break;
	}
	return of;
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

	if (!take_start(&start))
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
	event->directory = of.directory;
	event->result = result;
	event->open_flags = of.flags;
	event->mode = of.mode;
	event->filename_size = 0;
	size = sizeof(*event);
	read = bpf_probe_read_user_str(event->filename, FILENAME_SPACE, (void *)of.filename);
	if (read > PATH_MAX)
		event->header.flags |= EVENT_TRUNCATED;
	if (read > 0) {
		event->filename_size = at_most(read - 1, PATH_MAX);
		size += event->filename_size;
	}
	submit(&event->header, size, count);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPEN, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPEN, STREAM_OPEN, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_creat")
int enter_creat(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_CREAT, ctx->args[0], ctx->args[1], 0, 0);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int exit_creat(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_CREAT, STREAM_CREAT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPENAT, ctx->args[0], ctx->args[1], ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPENAT, STREAM_OPENAT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int enter_openat2(struct trace_event_raw_sys_enter *ctx)
{
	return open_entered(STREAM_OPENAT2, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(struct trace_event_raw_sys_exit *ctx)
{
	return open_returned(STREAM_OPENAT2, STREAM_OPENAT2, ctx->ret);
}

/* Without tracefs: the pair that every syscall of the machine goes through. */
static __always_inline int open_call(long number)
{
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

SEC("tp_btf/sys_enter")
int BPF_PROG(raw_enter, struct pt_regs *regs, long number)
{
	if (open_call(number) < 0 || is_compat_call((void *)bpf_get_current_task()))
		return 0;
	return open_entered(STREAM_RAW, PT_REGS_PARM1_CORE_SYSCALL(regs), PT_REGS_PARM2_CORE_SYSCALL(regs),
			    PT_REGS_PARM3_CORE_SYSCALL(regs), PT_REGS_PARM4_CORE_SYSCALL(regs));
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit, struct pt_regs *regs, long result)
{
	int call = open_call(syscall_number(regs));

	if (call < 0 || is_compat_call((void *)bpf_get_current_task()))
		return 0;
	return open_returned(STREAM_RAW, call, result);
}
