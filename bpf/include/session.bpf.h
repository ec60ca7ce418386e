/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the programs of a session share with its reader: the ring, the control block and, for
 * each probe, the counters. Maps marked "shared" are one for all probes of the session.
 */
#ifndef EBPFPS_SESSION_BPF_H
#define EBPFPS_SESSION_BPF_H

#include "event.bpf.h"

/* How the reader waits, as it says in control.reader. */
enum reader_state {
	READER_BUSY = 0,     /* it will look again by itself */
	READER_DOZING = 1,   /* on a timer; wake it when wake_bytes are waiting */
	READER_SLEEPING = 2, /* wake it at the first record */
};

struct control {
	u32 armed;  /* 0 until every program of the session is attached, and again before they go */
	u32 reader; /* enum reader_state */
};

/* One set for each program that makes records (a "stream"), on each CPU. */
struct counters {
	u64 produced;  /* records that passed the filters: the next sequence number */
	u64 ring_full; /* of these, how many found no room */
	u64 map_full;  /* starts of calls that could not be kept */
	u64 truncated; /* records with something cut */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the session sets the real size */
} ring SEC(".maps"); /* shared */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct control);
} control SEC(".maps"); /* shared */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_STREAMS);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* A dozing reader is woken when so many bytes wait in the ring. */
const volatile u64 wake_bytes = 1024;

static __always_inline struct control *get_control(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline bool armed(void)
{
	struct control *ctl = get_control();

	return ctl && *(volatile u32 *)&ctl->armed;
}

static __always_inline bool wants_waking(u32 state)
{
	return state == READER_SLEEPING ||
	       (state == READER_DOZING && bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wake_bytes);
}

static __always_inline void set_reader(struct control *ctl, u32 state)
{
	*(volatile u32 *)&ctl->reader = state;
}

/*
 * The reader may have gone to sleep between our look at its state and our record's commit: it
 * looks at the ring after it has set the state, we look at the state after the commit, so one of
 * the two sees the other. A record that is thrown away carries the wake-up.
 */
static __always_inline void wake_late_sleeper(struct control *ctl)
{
	void *nothing;

	if (*(volatile u32 *)&ctl->reader != READER_SLEEPING)
		return;
	nothing = bpf_ringbuf_reserve(&ring, 8, 0);
	if (!nothing)
		return;
	set_reader(ctl, READER_BUSY);
	bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

/* Counts a finished record; its bytes may then go into the ring. */
static __always_inline void number_record(struct event_header *header, u32 size,
					  struct counters *count)
{
	header->size = size;
	header->sequence = count->produced;
#ifdef RUNS_MAY_NEST
	__sync_fetch_and_add(&count->produced, 1);
#else
	count->produced++;
#endif
	if (header->flags & EVENT_TRUNCATED)
		count->truncated++;
}

static __always_inline void count_full(struct counters *count)
{
#ifdef RUNS_MAY_NEST
	__sync_fetch_and_add(&count->ring_full, 1);
#else
	count->ring_full++;
#endif
}

/*
 * Copies a finished record of size bytes (a bound the verifier knows) into the ring. Who wakes the reader says so
 * before the record is there: afterwards the reader may have a newer state, which must not be overwritten.
 */
static __always_inline void submit(struct event_header *header, u32 size, struct counters *count)
{
	struct control *ctl = get_control();
	u32 state;
	bool wake;

	if (!ctl)
		return;
	number_record(header, size, count);
	state = *(volatile u32 *)&ctl->reader;
	wake = wants_waking(state);
	if (wake)
		set_reader(ctl, READER_BUSY);
	if (bpf_ringbuf_output(&ring, header, size, wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP)) {
		count_full(count);
		if (wake)
			set_reader(ctl, state);
	} else if (!wake) {
		wake_late_sleeper(ctl);
	}
}

/* Commits a record that was made in the ring itself; the room may be larger than the record. */
static __always_inline void submit_reserved(struct event_header *header, u32 size,
					    struct counters *count, struct control *ctl)
{
	bool wake = wants_waking(*(volatile u32 *)&ctl->reader);

	number_record(header, size, count);
	if (wake)
		set_reader(ctl, READER_BUSY);
	bpf_ringbuf_submit(header, wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	if (!wake)
		wake_late_sleeper(ctl);
}

static __always_inline struct counters *get_counters(u32 stream)
{
	return bpf_map_lookup_elem(&counters, &stream);
}

#endif
