/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * connect: TCP connections that are made, accepted and closed.
 *
 * The states of a socket come from inet_sock_set_state, often in an interrupt and so with a process
 * that has nothing to do with it: who opened the connection is remembered from the moment when the
 * process itself was there. That is the start of a connect, the return of an accept, or, for a
 * connection older than the session, its side of the close. What a connect refuses before the
 * socket has left its first state is seen where the call returns.
 */
#define MAX_STREAMS 6

/* Before Linux 6.1 nothing keeps state_changed from running in an interrupt of itself. */
#define RUNS_MAY_NEST

#include "call_start.bpf.h"
#include "connect_call.bpf.h"
#include "connect_uring.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline void connecting(const struct sock *sk)
{
	struct call_start *call = current_start();

	if (call)
		call->arguments[3] = (u64)sk;
	remember_current(sk, PHASE_CONNECTING, bpf_ktime_get_boot_ns(), 0, !call && is_request(), STREAM_STATE);
}

/* A connection in this state has been established, or its end waits for nothing more. */
static __always_inline bool was_established(int state)
{
	return state != TCP_SYN_SENT && state != TCP_SYN_RECV && state != TCP_LISTEN && state != TCP_CLOSE;
}

static __always_inline void established(const struct sock *sk, int old_state)
{
	u64 key = (u64)sk, now = bpf_ktime_get_boot_ns();
	struct connection *known = bpf_map_lookup_elem(&connections, &key);
	struct connection waiting = { .phase = PHASE_WAITING, .established = now };

	if (!known) {
		/* One whose connect was not seen has nobody to accept it: its owner is known when it closes. */
		if (old_state != TCP_SYN_SENT)
			remember(key, &waiting, STREAM_STATE);
		return;
	}
	if (known->phase != PHASE_CONNECTING)
		return;
	known->phase = PHASE_OPEN;
	known->established = now;
	known->requested = false;
	report_sock(&known->who, sk, ACTION_CONNECT, 0, now, now - known->began);
}

/* Whether the current thread's own connect gives up: its return will tell why. */
static __always_inline bool leave_to_return(const struct sock *sk)
{
	struct call_start *call = current_start();

	if (!call || call->arguments[3] != (u64)sk)
		return false;
	call->arguments[3] = 0;
	return true;
}

/*
 * Usually a process that shuts down or closes leads here: the owner of a connection older than we, or of one whose
 * accept was not seen. One that nobody has accepted doesn't come here: its listener drops it (inet_child_forget).
 */
static __always_inline void closing(const struct sock *sk)
{
	u64 key = (u64)sk;
	struct connection *known = bpf_map_lookup_elem(&connections, &key);

	if (!known || known->phase == PHASE_WAITING)
		remember_current(sk, PHASE_OPEN, 0, known ? known->established : 0, false, STREAM_STATE);
}

/* Whether the process itself ends a connection at once, by a reset: one that is received leaves an error first. */
static __always_inline bool aborted_here(const struct sock *sk, int old_state)
{
	return (old_state == TCP_ESTABLISHED || old_state == TCP_CLOSE_WAIT) && !BPF_CORE_READ(sk, sk_err);
}

static __always_inline void closed(const struct sock *sk, int old_state)
{
	u64 key = (u64)sk, now = bpf_ktime_get_boot_ns();
	struct connection *known = bpf_map_lookup_elem(&connections, &key);
	struct event_header nobody = { .uid = -1, .gid = -1 };
	int error;

	if (!known && aborted_here(sk, old_state)) {
		closing(sk);
		known = bpf_map_lookup_elem(&connections, &key);
	}
	if (!known) {
		if (was_established(old_state) && anybody_is_wanted())
			report_sock(&nobody, sk, ACTION_CLOSE, 0, now, UNKNOWN_DURATION);
		return;
	}
	/* The kernel skipped the run in which it was established: its connect was no failure. */
	if (known->phase == PHASE_CONNECTING && was_established(old_state))
		known->phase = PHASE_OPEN;
	if (known->phase == PHASE_CONNECTING) {
		error = BPF_CORE_READ(sk, sk_err);
		if (error) {
			report_sock(&known->who, sk, ACTION_CONNECT, error, now, now - known->began);
		} else if (known->requested) {
			known->phase = PHASE_GIVEN_UP;
			return;
		} else if (!leave_to_return(sk)) {
			report_sock(&known->who, sk, ACTION_CONNECT, ECONNABORTED, now, now - known->began);
		}
	} else if (known->phase == PHASE_OPEN) {
		report_sock(&known->who, sk, ACTION_CLOSE, 0, now,
			    known->established ? now - known->established : UNKNOWN_DURATION);
	}
	if (known->requested)
		known->phase = PHASE_TOLD;
	else
		bpf_map_delete_elem(&connections, &key);
}

/*
 * A listener's child is new (inet_csk_clone_lock of net/ipv4/inet_connection_sock.c). What is known of its address is of
 * another socket, whose end the kernel skipped.
 */
static __always_inline void forget(const struct sock *sk)
{
	u64 key = (u64)sk;

	bpf_map_delete_elem(&connections, &key);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, const struct sock *sk, int old_state, int new_state)
{
	if (!armed() || !is_tcp(sk))
		return 0;
	switch (new_state) {
	case TCP_SYN_SENT:
		connecting(sk);
		break;
	case TCP_SYN_RECV:
		if (old_state == TCP_LISTEN)
			forget(sk);
		break;
	case TCP_ESTABLISHED:
		established(sk, old_state);
		break;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		closing(sk);
		break;
	case TCP_CLOSE:
		closed(sk, old_state);
		break;
	}
	return 0;
}

/* A socket that is connecting or connected already makes no second event. */
static __always_inline int connect_entered(u32 stream, u64 fd, u64 address, u64 length)
{
	struct socket *socket;
	struct sock *sk;
	struct call_start start = { .arguments = { fd, address, length } };

	if (!armed())
		return 0;
	socket = socket_of((void *)bpf_get_current_task(), fd);
	if (!socket || BPF_CORE_READ(socket, state) != SS_UNCONNECTED)
		return 0;
	sk = tcp_of(socket);
	if (!sk)
		return 0;
	start.time = bpf_ktime_get_boot_ns();
	keep_start(&start, stream);
	return 0;
}

static __always_inline int connect_returned(u32 stream, long result)
{
	struct connection_ends ends = {};
	struct socket_address given;
	struct event_header who = {};
	struct call_start start;
	struct socket *socket;

	/* A call whose socket left its first state has its event from there. */
	if (!take_start(&start) || is_no_outcome(result) || start.arguments[3])
		return 0;
	if (!fill_owner(&who, stream))
		return 0;
	socket = socket_of((void *)bpf_get_current_task(), start.arguments[0]);
	if (!socket)
		return 0;
	read_ends(BPF_CORE_READ(socket, sk), &ends);
	read_address((void *)start.arguments[1], start.arguments[2], &given);
	set_remote(&ends, &given);
	report(&who, &ends, stream, ACTION_CONNECT, -result, who.time, who.time - start.time, NULL);
	return 0;
}

static __always_inline int accept_returned(u32 stream, long result)
{
	struct sock *sk;

	if (result < 0 || !armed())
		return 0;
	sk = tcp_of(socket_of((void *)bpf_get_current_task(), result));
	if (sk)
		accepted(sk, stream);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_connect")
int enter_connect(struct trace_event_raw_sys_enter *ctx)
{
	return connect_entered(STREAM_CONNECT, ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_connect")
int exit_connect(struct trace_event_raw_sys_exit *ctx)
{
	return connect_returned(STREAM_CONNECT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_exit_accept")
int exit_accept(struct trace_event_raw_sys_exit *ctx)
{
	return accept_returned(STREAM_ACCEPT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int exit_accept4(struct trace_event_raw_sys_exit *ctx)
{
	return accept_returned(STREAM_ACCEPT4, ctx->ret);
}

/* Without tracefs: the pair that every syscall of the machine goes through, 32-bit ones too. */
SEC("tp_btf/sys_enter")
int BPF_PROG(raw_enter, struct pt_regs *regs, long number)
{
	u64 raw[4];
	bool compat;
	enum call call = current_call(number, &compat);

	if (call != CALL_CONNECT && call != CALL_SOCKETCALL)
		return 0;
	read_call_arguments(regs, compat, raw);
	if (call == CALL_SOCKETCALL && unpack_socketcall(raw) != CALL_CONNECT)
		return 0;
	return connect_entered(STREAM_RAW, raw[0], raw[1], raw[2]);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(raw_exit, struct pt_regs *regs, long result)
{
	u64 raw[4];
	bool compat;
	enum call call = current_call(syscall_number(regs), &compat);

	if (call == CALL_OTHER)
		return 0;
	if (call == CALL_SOCKETCALL) {
		read_call_arguments(regs, compat, raw);
		call = unpack_socketcall(raw);
	}
	if (call == CALL_ACCEPT)
		return accept_returned(STREAM_RAW, result);
	return call == CALL_CONNECT ? connect_returned(STREAM_RAW, result) : 0;
}
