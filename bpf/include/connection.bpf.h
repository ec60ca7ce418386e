/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The connect probe's memory: whose each connection is, and the event that is made of it. */
#ifndef EBPFPS_CONNECTION_BPF_H
#define EBPFPS_CONNECTION_BPF_H

#include "filter.bpf.h"
#include "socket.bpf.h"
#include "submitter.bpf.h"

enum connect_stream {
	STREAM_STATE = 0,
	STREAM_CONNECT = 1,
	STREAM_ACCEPT = 2,
	STREAM_ACCEPT4 = 3,
	STREAM_RAW = 4,
	STREAM_URING = 5,
};

enum connect_action {
	ACTION_CONNECT = 1,
	ACTION_ACCEPT = 2,
	ACTION_CLOSE = 3,
};

#define UNKNOWN_DURATION (~0ULL)

struct connect_event {
	struct event_header header;
	u64 duration; /* ns; UNKNOWN_DURATION where it began before the session */
	u64 bytes_sent;
	u64 bytes_received;
	u32 action;
	s32 error;
	struct connection_ends ends;
};

/* The record lies on the stack; a variable of its type puts the struct into the object's BTF. */
const volatile struct connect_event layout = {};

enum phase {
	PHASE_CONNECTING = 1,
	PHASE_WAITING = 2, /* for somebody to accept it */
	PHASE_OPEN = 3,
	PHASE_REJECTED = 4, /* by the filters */
	/* Kept for a request of io_uring, which has not completed yet: */
	PHASE_TOLD = 5,     /* over, with all that is to be said */
	PHASE_GIVEN_UP = 6, /* back in its first state; the completion has the error */
};

struct connection {
	struct event_header who;
	u64 began;       /* the connect */
	u64 established; /* 0: before the session */
	u32 phase;
	u32 requested; /* its connect is a request of io_uring that is under way */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u64); /* struct sock * */
	__type(value, struct connection);
} connections SEC(".maps");

static __always_inline void remember(u64 key, const struct connection *connection, u32 stream)
{
	struct counters *count;

	if (bpf_map_update_elem(&connections, &key, connection, BPF_ANY) == 0)
		return;
	count = get_counters(stream);
	if (count)
		count->map_full++;
}

static __always_inline bool anybody_is_wanted(void)
{
	return !filter_pids && !filter_uids && !filter_cgroups && !filter_names && !include_children;
}

/*
 * Makes an event of a connection, with the process that is remembered for it. One look at the
 * clock is both its time and the end of its duration: events agree to the nanosecond.
 */
static __always_inline void report(const struct event_header *who, const struct connection_ends *ends,
				   u32 stream, u32 action, int error, u64 now, u64 duration,
				   const struct tcp_sock *tcp)
{
	struct counters *count = get_counters(stream);
	struct connect_event event = {};

	if (!count)
		return;
	event.header = *who;
	event.header.time = now;
	event.header.kind = EVENT_CONNECT;
	event.header.stream = stream;
	event.header.cpu = bpf_get_smp_processor_id();
	event.duration = duration;
	event.action = action;
	event.error = error;
	event.ends = *ends;
	if (tcp) {
		unsigned long flags = BPF_CORE_READ((const struct sock *)tcp, __sk_common.skc_flags);

		/* What was sent again counts once; the kernel counts the other end's FIN as a byte. */
		event.bytes_sent = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
		event.bytes_received = BPF_CORE_READ(tcp, bytes_received) - ((flags >> SOCK_DONE) & 1);
	}
	submit(&event.header, sizeof(event), count);
}

static __always_inline void report_sock(const struct event_header *who, const struct sock *sk,
					u32 action, int error, u64 now, u64 duration)
{
	struct connection_ends ends = {};

	read_ends(sk, &ends);
	report(who, &ends, STREAM_STATE, action, error, now, duration,
	       action == ACTION_CLOSE ? (const void *)sk : NULL);
}

/* Fills a header for the current process; false when the filters don't want it. */
static __always_inline bool fill_owner(struct event_header *who, u32 stream)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_ids ids = current_ids(task);

	if (!selected(submitter_of(task), ids.pid, stream))
		return false;
	fill_header(who, ids, EVENT_CONNECT, stream);
	name_submitter(who, task);
	return true;
}

/* Remembers the current process for a connection, or that the filters don't want it. */
static __always_inline void remember_current(const struct sock *sk, u32 phase, u64 began,
					     u64 established, bool requested, u32 stream)
{
	struct connection connection = {
		.phase = phase, .began = began, .established = established, .requested = requested
	};

	if (!fill_owner(&connection.who, stream)) {
		connection.phase = PHASE_REJECTED;
		connection.requested = false;
	}
	remember((u64)sk, &connection, stream);
}

#endif
