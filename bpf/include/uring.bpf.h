/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Requests of io_uring, which pass no tracepoint of a syscall. They are seen when they are submitted, by a
 * thread of the process or by the ring's own (SQPOLL), and when they complete, in whatever thread.
 *
 * The arguments of io_uring's tracepoints changed often. The session counts them in the kernel's BTF
 * (Bpf/IoUringTracepoints.cs) and says here which form this kernel has.
 */
#ifndef EBPFPS_URING_BPF_H
#define EBPFPS_URING_BPF_H

#include "core_fixes.bpf.h"
#include "kernel_types.bpf.h"
#include <bpf/bpf_core_read.h>

/* include/uapi/linux/io_uring.h */
#define IORING_OP_ACCEPT 13
#define IORING_OP_CONNECT 16
#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28
#define REQ_F_CQE_SKIP (1U << 6) /* IOSQE_CQE_SKIP_SUCCESS: no completion is posted */

enum uring_form {
	URING_UNSEEN = 0,
	URING_BY_USER_DATA = 1, /* Linux 5.14: ring, user_data, result, flags */
	URING_BY_REQUEST = 2,   /* Linux 5.18: ring, request, user_data, result, flags */
	URING_BY_ENTRY = 3,     /* after Linux 6.12, by 6.18: ring, request, entry of the completion queue */
};

const volatile u32 uring_form = URING_UNSEEN;
/* Linux 5.14 to 5.19: the ring stands before the request. */
const volatile bool uring_ring_first = false;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Of every command the parameters begin where the request begins. */
struct io_kiocb {
	struct file *file;
	u8 opcode;
	unsigned int flags;
	struct io_ring_ctx *ctx;
};

struct io_uring_cqe {
	s32 res;
};

struct io_uring_sqe {
	s32 fd;
	u64 addr;
	u64 addr2;
	u32 len;
	u32 open_flags;
};

#pragma clang attribute pop

/* What a request is known by until it completes. */
struct uring_key {
	u64 first;  /* the request; in form URING_BY_USER_DATA the ring */
	u64 second; /* in form URING_BY_USER_DATA the user_data */
};

struct uring_completion {
	struct uring_key key;
	const struct io_kiocb *request; /* NULL where the tracepoint doesn't tell */
	s32 result;
};

/* One argument of a tracepoint. The compiler would join two loads and change the context's pointer, which no verifier takes. */
static __always_inline u64 uring_argument(const u64 *ctx, const u32 index)
{
	u64 value;

	asm volatile("%[value] = *(u64 *)(%[ctx] + %[offset])"
		     : [value] "=r"(value)
		     : [ctx] "r"(ctx), [offset] "i"(index * 8));
	return value;
}

static __always_inline const struct io_kiocb *uring_submitted(const u64 *ctx)
{
	if (uring_ring_first)
		return (void *)uring_argument(ctx, 1);
	return (void *)uring_argument(ctx, 0);
}

/* The same in io_uring_req_failed: Linux 5.18 put the ring before the request, 6.0 took it out again. */
static __always_inline const struct io_kiocb *uring_refused(const u64 *ctx)
{
	if (uring_ring_first)
		return (void *)uring_argument(ctx, 2);
	return (void *)uring_argument(ctx, 1);
}

static __always_inline struct uring_key uring_key_of(const struct io_kiocb *request)
{
	struct uring_key key = { .first = (u64)request };

	if (uring_form == URING_BY_USER_DATA) {
		key.first = (u64)BPF_CORE_READ(request, ctx);
		key.second = uring_user_data(request);
	}
	return key;
}

static __always_inline struct uring_completion uring_completed(const u64 *ctx)
{
	struct uring_completion done = {};

	if (uring_form == URING_BY_USER_DATA) {
		done.key.first = uring_argument(ctx, 0);
		done.key.second = uring_argument(ctx, 1);
		done.result = uring_argument(ctx, 2);
		return done;
	}
	done.request = (void *)uring_argument(ctx, 1);
	done.key.first = (u64)done.request;
	if (uring_form == URING_BY_ENTRY)
		done.result = BPF_CORE_READ((struct io_uring_cqe *)uring_argument(ctx, 2), res);
	else
		done.result = uring_argument(ctx, 3);
	return done;
}

#endif
