/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Opens through io_uring. The record is begun when the request is submitted, since only then is the current
 * task the submitter's and the name still there (io_openat2() of io_uring/openclose.c gives it back before
 * the request completes). It ends up in the ring when the request completes.
 */
#ifndef EBPFPS_OPEN_URING_BPF_H
#define EBPFPS_OPEN_URING_BPF_H

#include "core_fixes.bpf.h"
#include "open_event.bpf.h"
#include "submitter.bpf.h"

/* What io_uring itself adds to the flags: arch's asm/fcntl.h. */
#if defined(__TARGET_ARCH_arm64)
#define O_LARGEFILE 0400000
#else
#define O_LARGEFILE 0100000
#endif

/* Few opens go this way and each is large: room is taken for those that are under way. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct uring_key);
	__type(value, struct scratch);
} requests SEC(".maps");

static __always_inline bool is_open_request(const struct io_kiocb *request)
{
	u8 opcode = BPF_CORE_READ(request, opcode);

	return opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2;
}

/* A record for a request that is submitted now, its header filled; NULL when it is not wanted. */
static __always_inline struct open_event *begin_request(const struct io_kiocb *request, u32 stream)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct uring_key key = uring_key_of(request);
	struct task_ids ids = current_ids(task);
	struct scratch *record;
	u64 now;

	/* What an older request of this address may have left. */
	bpf_map_delete_elem(&requests, &key);
	if (!selected(submitter_of(task), ids.pid, stream))
		return NULL;
	if (BPF_CORE_READ(request, flags) & REQ_F_CQE_SKIP)
		return NULL;
	record = bpf_map_lookup_elem(&scratch, &stream);
	if (!record)
		return NULL;
	now = bpf_ktime_get_boot_ns();
	fill_header_at(&record->event.header, now, ids, EVENT_OPEN, STREAM_URING);
	name_submitter(&record->event.header, task);
	record->event.duration = now; /* until it completes: when it began */
	return &record->event;
}

static __always_inline void keep_request(const struct io_kiocb *request, struct open_event *event, u32 stream)
{
	struct uring_key key = uring_key_of(request);
	struct counters *count;

	if (bpf_map_update_elem(&requests, &key, event, BPF_ANY) == 0)
		return;
	count = get_counters(stream);
	if (count)
		count->map_full++;
}

static __always_inline int open_submitted(const struct io_kiocb *request)
{
	const struct io_open *open = (const void *)request;
	struct open_arguments of = {};
	struct open_event *event;
	struct open_how how;

	if (!is_open_request(request))
		return 0;
	event = begin_request(request, STREAM_URING);
	if (!event)
		return 0;
	BPF_CORE_READ_INTO(&how, open, how);
	of.directory = BPF_CORE_READ(open, dfd);
	of.flags = how.flags & ~O_LARGEFILE;
	of.mode = how.mode;
	if (BPF_CORE_READ(open, file_slot))
		event->header.flags |= EVENT_NO_DESCRIPTOR;
	fill_open(event, &of, bpf_probe_read_kernel_str(event->filename, FILENAME_SPACE, uring_filename(open)));
	keep_request(request, event, STREAM_URING);
	return 0;
}

/* Linux 6.4 */
SEC("tp_btf/io_uring_submit_req")
int uring_submit_req(u64 *ctx)
{
	return open_submitted(uring_submitted(ctx));
}

/* Until Linux 6.3 */
SEC("tp_btf/io_uring_submit_sqe")
int uring_submit_sqe(u64 *ctx)
{
	return open_submitted(uring_submitted(ctx));
}

/* A request that is refused before it is under way: its name is empty, too long, or nowhere. */
SEC("tp_btf/io_uring_req_failed")
int uring_failed(u64 *ctx)
{
	const struct io_uring_sqe *sqe = (void *)uring_argument(ctx, 0);
	const struct io_kiocb *request = uring_refused(ctx);
	u64 raw[4] = { BPF_CORE_READ(sqe, fd), BPF_CORE_READ(sqe, addr) };
	struct open_arguments of;
	struct open_event *event;

	if (!is_open_request(request))
		return 0;
	event = begin_request(request, STREAM_URING_FAILED);
	if (!event)
		return 0;
	if (BPF_CORE_READ(request, opcode) == IORING_OP_OPENAT2) {
		raw[2] = BPF_CORE_READ(sqe, addr2);
		of = open_arguments(STREAM_OPENAT2, raw);
	} else {
		raw[2] = BPF_CORE_READ(sqe, open_flags);
		raw[3] = BPF_CORE_READ(sqe, len);
		of = open_arguments(STREAM_OPENAT, raw);
	}
	fill_open(event, &of, bpf_probe_read_user_str(event->filename, FILENAME_SPACE, (void *)of.filename));
	keep_request(request, event, STREAM_URING_FAILED);
	return 0;
}

SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *ctx)
{
	struct uring_completion done = uring_completed(ctx);
	struct counters *count = get_counters(STREAM_URING);
	struct open_event *event;
	u64 now;

	if (!count || (uring_form != URING_BY_USER_DATA && (!done.request || !is_open_request(done.request))))
		return 0;
	event = bpf_map_lookup_elem(&requests, &done.key);
	if (!event)
		return 0;
	now = bpf_ktime_get_boot_ns();
	event->header.time = now;
	event->header.cpu = bpf_get_smp_processor_id();
	event->duration = now - event->duration;
	event->result = done.result;
	if (event->duration >= minimum_duration && armed())
		submit(&event->header, sizeof(*event) + at_most(event->filename_size, PATH_MAX), count);
	bpf_map_delete_elem(&requests, &done.key);
	return 0;
}

#endif
