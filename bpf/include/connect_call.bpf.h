/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which of the connect probe's calls a number stands for, in the native table and in a 32-bit caller's. */
#ifndef EBPFPS_CONNECT_CALL_BPF_H
#define EBPFPS_CONNECT_CALL_BPF_H

#include "syscall.bpf.h"

enum call {
	CALL_OTHER = 0,
	CALL_CONNECT = 1,
	CALL_ACCEPT = 2,
	CALL_SOCKETCALL = 3,
};

static __always_inline enum call call_of(long number, bool compat)
{
	if (compat) {
		switch (number) {
		case NR32_connect:
			return CALL_CONNECT;
#if NR32_socketcall >= 0
		case NR32_socketcall:
			return CALL_SOCKETCALL;
#endif
#if NR32_accept >= 0
		case NR32_accept:
#endif
		case NR32_accept4:
			return CALL_ACCEPT;
		default:
			return CALL_OTHER;
		}
	}
	switch (number) {
	case NR_connect:
		return CALL_CONNECT;
	case NR_accept:
	case NR_accept4:
		return CALL_ACCEPT;
	default:
		return CALL_OTHER;
	}
}

/* The table is looked up last: most calls are in neither. */
static __always_inline enum call current_call(long number, bool *compat)
{
	if (call_of(number, false) == CALL_OTHER && call_of(number, true) == CALL_OTHER)
		return CALL_OTHER;
	*compat = is_compat_call((void *)bpf_get_current_task());
	return call_of(number, *compat);
}

/* socketcall(2) of 32-bit processes: which call it is, and where its arguments are, 32 bits each. */
static __always_inline enum call unpack_socketcall(u64 *arguments)
{
	u32 call = arguments[0], unpacked[3] = {};

	if (call == SYS_ACCEPT || call == SYS_ACCEPT4)
		return CALL_ACCEPT;
	if (call != SYS_CONNECT || bpf_probe_read_user(unpacked, sizeof(unpacked), (void *)arguments[1]))
		return CALL_OTHER;
	arguments[0] = unpacked[0];
	arguments[1] = unpacked[1];
	arguments[2] = unpacked[2];
	return CALL_CONNECT;
}

#endif
