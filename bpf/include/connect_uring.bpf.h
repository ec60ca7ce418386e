/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Connects and accepts through io_uring. A socket's states tell of most connects, whoever makes them; what a
 * connect refuses before the socket has left its first state, or after it went back there, is seen where the
 * request completes. Who it was is kept when it is submitted: it may complete in another thread.
 */
#ifndef EBPFPS_CONNECT_URING_BPF_H
#define EBPFPS_CONNECT_URING_BPF_H

#include "connection.bpf.h"

#define EINTR 4
#define EISCONN 106
#define ECONNABORTED 103
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct io_connect {
	const void *addr;
	int addr_len;
};

struct io_accept {
	u32 file_slot;
};

#pragma clang attribute pop

/* A connect that was submitted and is wanted. */
struct request {
	struct event_header who; /* its time is when it was submitted */
	const struct io_kiocb *request;
	struct socket_address given;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct uring_key);
	__type(value, struct request);
} requests SEC(".maps");

/* Whether a connect that is no call of the current thread is a request of io_uring. */
static __always_inline bool is_request(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return uring_form && (is_uring_thread(task) || BPF_CORE_READ(task, io_uring));
}

static __always_inline bool is_no_outcome(long result)
{
	return result >= 0 || result == -EINPROGRESS || result == -EALREADY || result == -EISCONN ||
	       result == -EINTR || (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK);
}

/* A socket that a process has got from an accept. */
static __always_inline void accepted(const struct sock *sk, u32 stream)
{
	struct connection_ends ends = {};
	struct connection *known;
	u64 key = (u64)sk, began;

	known = bpf_map_lookup_elem(&connections, &key);
	began = known ? known->established : 0;
	remember_current(sk, PHASE_OPEN, began, began, false, stream);
	known = bpf_map_lookup_elem(&connections, &key);
	if (!known)
		return;
	if (known->phase == PHASE_OPEN) {
		read_ends(sk, &ends);
		report(&known->who, &ends, stream, ACTION_ACCEPT, 0, bpf_ktime_get_boot_ns(),
		       UNKNOWN_DURATION, NULL);
	}
	/* The other end may have reset it before anybody accepted: nothing more will come. */
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE)
		bpf_map_delete_elem(&connections, &key);
}

static __always_inline int connect_submitted(const struct io_kiocb *request)
{
	const struct io_connect *connect = (const void *)request;
	struct uring_key key = uring_key_of(request);
	struct request kept = { .request = request };
	struct counters *count;

	if (BPF_CORE_READ(request, opcode) != IORING_OP_CONNECT)
		return 0;
	/* What an older request of this address may have left. */
	bpf_map_delete_elem(&requests, &key);
	if (!fill_owner(&kept.who, STREAM_URING))
		return 0;
	read_address(BPF_CORE_READ(connect, addr), BPF_CORE_READ(connect, addr_len), &kept.given);
	count = get_counters(STREAM_URING);
	if (bpf_map_update_elem(&requests, &key, &kept, BPF_ANY) && count)
		count->map_full++;
	return 0;
}

static __always_inline void report_request(const struct event_header *who, const struct sock *sk,
					   const struct request *kept, long result, u64 began)
{
	struct connection_ends ends = {};
	u64 now = bpf_ktime_get_boot_ns();

	read_ends(sk, &ends);
	if (kept)
		set_remote(&ends, &kept->given);
	report(who, &ends, STREAM_URING, ACTION_CONNECT, -result, now, now - began, NULL);
}

static __always_inline void connect_completed(const struct sock *sk, const struct request *kept, long result)
{
	u64 key = (u64)sk;
	struct connection *known = bpf_map_lookup_elem(&connections, &key);

	if (!known && kept && !is_no_outcome(result))
		report_request(&kept->who, sk, kept, result, kept->who.time);
	if (!known || !known->requested)
		return;
	known->requested = false;
	if (known->phase == PHASE_GIVEN_UP)
		report_request(&known->who, sk, kept, result, known->began);
	if (known->phase == PHASE_GIVEN_UP || known->phase == PHASE_TOLD)
		bpf_map_delete_elem(&connections, &key);
}

/*
 * A request that accepts many (multishot) completes again and again without saying what it is. That it is
 * an accept shows in its result: the descriptor of a connection that waited for one.
 */
static __always_inline void accept_completed(const struct io_kiocb *request, long result)
{
	const struct io_accept *accept = (const void *)request;
	struct connection *known;
	struct sock *sk;
	u64 key;

	if (result < 0 || (request && BPF_CORE_READ(accept, file_slot)))
		return;
	sk = tcp_of(socket_of((void *)bpf_get_current_task(), result));
	if (!sk)
		return;
	key = (u64)sk;
	known = bpf_map_lookup_elem(&connections, &key);
	if (request || (known && known->phase == PHASE_WAITING))
		accepted(sk, STREAM_URING);
}

/* Linux 6.4 */
SEC("tp_btf/io_uring_submit_req")
int uring_submit_req(u64 *ctx)
{
	return connect_submitted(uring_submitted(ctx));
}

/* Until Linux 6.3 */
SEC("tp_btf/io_uring_submit_sqe")
int uring_submit_sqe(u64 *ctx)
{
	return connect_submitted(uring_submitted(ctx));
}

SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *ctx)
{
	struct uring_completion done = uring_completed(ctx);
	const struct io_kiocb *request = done.request;
	struct request *kept;
	struct sock *sk;
	u8 opcode = 0;

	if (!armed())
		return 0;
	if (request)
		opcode = BPF_CORE_READ(request, opcode);
	if (!request || opcode == IORING_OP_ACCEPT)
		accept_completed(request, done.result);
	if (uring_form != URING_BY_USER_DATA && opcode != IORING_OP_CONNECT)
		return 0;
	kept = bpf_map_lookup_elem(&requests, &done.key);
	if (kept && !request)
		request = kept->request;
	sk = request ? tcp_of(socket_of_file(BPF_CORE_READ(request, file))) : NULL;
	if (sk)
		connect_completed(sk, kept, done.result);
	if (kept)
		bpf_map_delete_elem(&requests, &done.key);
	return 0;
}

#endif
