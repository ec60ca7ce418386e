/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Reads the arguments of a call pointer by pointer, so many and so long. With bpf_loop() (Linux 5.17)
 * the verifier looks at one step; without it, it follows every step of a loop: a step may end the walk, but
 * must not go on in two ways, or these are followed again and again. A program has one or the other: 5.10
 * refuses a callback even in dead code.
 */
#ifndef EBPFPS_ARGUMENT_WALK_BPF_H
#define EBPFPS_ARGUMENT_WALK_BPF_H

#include "core_fixes.bpf.h"
#include "event.bpf.h"

#define MAX_POINTERS 256
#define MAX_ARGUMENT 8192

struct argument_walk {
	char *room; /* ARGUMENT_SPACE bytes, a constant that the including program defines */
	/*
	 * What steps change is in the record's memory, not here: else the verifier follows every length that it could have,
	 * and before Linux 6.8 takes it to be what it was at the first step, the only one that it sees of bpf_loop().
	 */
	volatile u32 *used;
	volatile u8 *flags; /* EVENT_TRUNCATED where an argument was cut */
	const u64 *pointers;
	u32 end;    /* where it came to its end */
	bool whole; /* it did */
};

/*
 * One argument, or the end behind the last; 1 ends the walk. One byte more is read than is kept:
 * that tells a string that is cut.
 */
static long walk_argument(u32 index, void *context)
{
	struct argument_walk *walk = context;
	u32 used = *walk->used;
	u64 pointer, rest;
	long read;

	/* What can't be read is zeroed, and looks like the end. */
	bpf_probe_read_user(&pointer, sizeof(pointer), walk->pointers + index);
	if (!pointer) {
		walk->end = index;
		walk->whole = true;
		return 1;
	}
	if (index == MAX_POINTERS || used > ARGUMENT_SPACE - MAX_ARGUMENT - 1)
		return 1;
	read = read_user_string(walk->room + used, MAX_ARGUMENT + 1, (void *)pointer);
	if (read < 0)
		return 1;
	rest = MAX_ARGUMENT - read;
	barrier_var(rest); /* clang would make it a comparison, and a jump of that */
	*walk->flags |= (rest >> 63) * EVENT_TRUNCATED;
	*walk->used = used + read;
	return 0;
}

static __always_inline void walk_each(struct argument_walk *walk, const bool bounded)
{
	u32 i;

	if (!bounded) {
		bpf_loop(MAX_POINTERS + 1, walk_argument, walk, 0);
		return;
	}
	for (i = 0; i <= MAX_POINTERS; i++) {
		if (walk_argument(i, walk))
			return;
	}
}

static __always_inline void walk_arguments(struct argument_walk *walk, const bool bounded)
{
	u64 last;

	walk_each(walk, bounded);

	/*
	 * Whether the end is one: here, and not at each step, where it would make twice as many paths for the verifier. No
	 * list at all is legal, and as good as an empty one.
	 */
	if (walk->whole && walk->pointers &&
	    bpf_probe_read_user(&last, sizeof(last), walk->pointers + walk->end))
		walk->whole = false;
}

#endif
