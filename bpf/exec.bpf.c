/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * exec: every execve and execveat, with its outcome.
 *
 * Success is seen at sched_process_exec (fs/exec.c, exec_binprm): there the task has its new name,
 * its new mm and the leader's pid, whichever thread called. Failure is seen where the call
 * returns, since nothing of the new program exists; its arguments are read from the caller's
 * memory then, by pointers kept at entry.
 */
#define MAX_STREAMS 4
/* A record is built in per-CPU scratch, whose elements end at 32 KiB. */
#define ARGUMENT_SPACE (26 * 1024)

#include "argument_walk.bpf.h"
#include "call_start.bpf.h"
#include "filter.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum exec_stream {
	STREAM_EXEC = 0,
	STREAM_EXECVE = 1,
	STREAM_EXECVEAT = 2,
	STREAM_RAW_EXIT = 3,
};

struct exec_event {
	struct event_header header;
	char parent_comm[TASK_COMM_LEN];
	s32 error;           /* errno; 0 when the new program runs */
	u32 arguments_total; /* bytes of all arguments with their NULs; 0 where it can't be known */
	u32 arguments_size;  /* bytes that this record has */
	u32 filename_size;   /* bytes, without NUL */
	char data[];         /* the file name, then the arguments, each ended by NUL */
};

#define FILENAME_SPACE PATH_MAX

struct scratch {
	struct exec_event event;
	char data[FILENAME_SPACE + ARGUMENT_SPACE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_STREAMS);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/*
 * Longer arguments are read into the ring at once, in room of one of two sizes: a reservation's
 * size must be a constant. Each leaves two pages for what is not arguments.
 */
#define PAGE 4096
#define MEDIUM_ARGUMENTS (64 * 1024)
#define LARGE_ARGUMENTS (128 * 1024)

const volatile u32 max_arguments = LARGE_ARGUMENTS;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, char[PAGE]);
} zeroes SEC(".maps");

static __always_inline struct scratch *get_scratch(u32 stream)
{
	return bpf_map_lookup_elem(&scratch, &stream);
}

static __always_inline void fill_exec(struct exec_event *event, struct task_struct *task,
				      struct task_ids ids, u32 stream, int error)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);

	fill_header(&event->header, ids, EVENT_EXEC, stream);
	BPF_CORE_READ_INTO(&event->parent_comm, parent, comm);
	event->error = error;
	event->arguments_total = 0;
	event->arguments_size = 0;
	event->filename_size = 0;
}

/* Length without NUL of what bpf_probe_read_*_str() read, in terms that the verifier can bound. */
static __always_inline u32 string_length(long read)
{
	return read > 0 ? (read - 1) & (FILENAME_SPACE - 1) : 0;
}

/* Reads the new program's arguments: they lie in one piece at the top of its fresh stack. */
static __always_inline void read_arguments(struct exec_event *event, struct mm_struct *mm, u32 space)
{
	unsigned long start = BPF_CORE_READ(mm, arg_start);
	u32 total = BPF_CORE_READ(mm, arg_end) - start;
	u32 size = total < max_arguments ? total : max_arguments;
	u32 offset = event->filename_size & (FILENAME_SPACE - 1);

	if (size > space)
		size = space;
	event->arguments_total = total;
	if (bpf_probe_read_user(event->data + offset, size, (void *)start) == 0)
		event->arguments_size = size;
	if (event->arguments_size < total)
		event->header.flags |= EVENT_TRUNCATED;
}

static __always_inline void fill_success(struct exec_event *event, struct task_struct *task,
					 struct task_ids ids, struct linux_binprm *bprm)
{
	fill_exec(event, task, ids, STREAM_EXEC, 0);
	event->filename_size = string_length(
		bpf_probe_read_kernel_str(event->data, FILENAME_SPACE, BPF_CORE_READ(bprm, filename)));
}

static __always_inline u32 exec_size(struct exec_event *event)
{
	return sizeof(*event) + event->filename_size + event->arguments_size;
}

static __always_inline bool submit_in_ring(struct task_struct *task, struct task_ids ids,
					   struct linux_binprm *bprm, struct counters *count,
					   const u32 space)
{
	struct control *ctl = get_control();
	struct exec_event *event;
	u32 zero = 0, i;
	void *none = bpf_map_lookup_elem(&zeroes, &zero);

	if (!ctl || !none)
		return false;
	event = bpf_ringbuf_reserve(&ring, space + 2 * PAGE, 0);
	if (!event)
		return false;
	/* The ring's memory holds older records: clear it, tail and all. */
	for (i = 0; i < space / PAGE + 2; i++)
		bpf_probe_read_kernel((char *)event + i * PAGE, PAGE, none);
	fill_success(event, task, ids, bprm);
	read_arguments(event, BPF_CORE_READ(task, mm), space);
	submit_reserved(&event->header, exec_size(event), count, ctl);
	return true;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_succeeded, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct task_ids ids = current_ids(task);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct counters *count;
	struct scratch *record;
	u32 wanted, size;

	/* A thread that is not the leader takes the leader's pid: its own never returns. */
	forget_start(old_pid);
	if (!selected(task, ids.pid, STREAM_EXEC))
		return 0;
	count = get_counters(STREAM_EXEC);
	record = get_scratch(STREAM_EXEC);
	if (!count || !record)
		return 0;

	wanted = BPF_CORE_READ(mm, arg_end) - BPF_CORE_READ(mm, arg_start);
	if (wanted > max_arguments)
		wanted = max_arguments;
	if (wanted > MEDIUM_ARGUMENTS && submit_in_ring(task, ids, bprm, count, LARGE_ARGUMENTS))
		return 0;
	if (wanted > ARGUMENT_SPACE && submit_in_ring(task, ids, bprm, count, MEDIUM_ARGUMENTS))
		return 0;

	/* Also where the ring has no such room: better an event that is cut than none. */
	fill_success(&record->event, task, ids, bprm);
	read_arguments(&record->event, mm, ARGUMENT_SPACE);
	size = exec_size(&record->event);
	if (size > sizeof(*record))
		return 0;
	submit(&record->event.header, size, count);
	return 0;
}

static __always_inline int exec_failed(u32 stream, u64 filename, u64 pointers, long result,
				       const bool bounded)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_ids ids = current_ids(task);
	struct argument_walk walk = { .pointers = (const u64 *)pointers };
	struct counters *count;
	struct scratch *record;
	u32 size;

	if (!selected(task, ids.pid, stream))
		return 0;
	count = get_counters(stream);
	record = get_scratch(stream);
	if (!count || !record)
		return 0;
	fill_exec(&record->event, task, ids, stream, -result);
	record->event.filename_size = string_length(
		bpf_probe_read_user_str(record->event.data, FILENAME_SPACE, (void *)filename));
	walk.room = record->event.data + (record->event.filename_size & (FILENAME_SPACE - 1));
	walk.used = &record->event.arguments_size;
	walk.flags = &record->event.header.flags;
	walk_arguments(&walk, bounded);
	if (!walk.whole)
		record->event.header.flags |= EVENT_TRUNCATED;
	size = exec_size(&record->event);
	if (size > sizeof(*record))
		return 0;
	submit(&record->event.header, size, count);
	return 0;
}

static __always_inline int exec_entered(u32 stream, u64 filename, u64 pointers)
{
	struct call_start start = { bpf_ktime_get_boot_ns(), { filename, pointers } };

	if (armed())
		keep_start(&start, stream);
	return 0;
}

static __always_inline int exec_returned(u32 stream, long result, const bool bounded)
{
	struct call_start start;

	if (!take_start(&start) || result >= 0)
		return 0;
	return exec_failed(stream, start.arguments[0], start.arguments[1], result, bounded);
}

/* Without tracefs: the registers still hold the arguments of a call that failed. */
static __always_inline int raw_returned(struct pt_regs *regs, long result, const bool bounded)
{
	long number;

	if (result >= 0)
		return 0;
	number = syscall_number(regs);
	if ((number != NR_execve && number != NR_execveat) ||
	    is_compat_call((void *)bpf_get_current_task()))
		return 0;
	if (number == NR_execve)
		return exec_failed(STREAM_RAW_EXIT, PT_REGS_PARM1_CORE_SYSCALL(regs),
				   PT_REGS_PARM2_CORE_SYSCALL(regs), result, bounded);
	return exec_failed(STREAM_RAW_EXIT, PT_REGS_PARM2_CORE_SYSCALL(regs),
			   PT_REGS_PARM3_CORE_SYSCALL(regs), result, bounded);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int enter_execve(struct trace_event_raw_sys_enter *ctx)
{
	return exec_entered(STREAM_EXECVE, ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_execveat")
int enter_execveat(struct trace_event_raw_sys_enter *ctx)
{
	return exec_entered(STREAM_EXECVEAT, ctx->args[1], ctx->args[2]);
}

/* Each exit twice: the session takes the bounded ones where the kernel has no bpf_loop(). */
SEC("tracepoint/syscalls/sys_exit_execve")
int exit_execve(struct trace_event_raw_sys_exit *ctx)
{
	return exec_returned(STREAM_EXECVE, ctx->ret, false);
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exit_execve_bounded(struct trace_event_raw_sys_exit *ctx)
{
	return exec_returned(STREAM_EXECVE, ctx->ret, true);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int exit_execveat(struct trace_event_raw_sys_exit *ctx)
{
	return exec_returned(STREAM_EXECVEAT, ctx->ret, false);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int exit_execveat_bounded(struct trace_event_raw_sys_exit *ctx)
{
	return exec_returned(STREAM_EXECVEAT, ctx->ret, true);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit, struct pt_regs *regs, long result)
{
	return raw_returned(regs, result, false);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit_bounded, struct pt_regs *regs, long result)
{
	return raw_returned(regs, result, true);
}
