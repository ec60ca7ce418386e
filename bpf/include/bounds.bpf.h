/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Lengths in terms that the verifier of every kernel from 5.10 on can follow. */
#ifndef EBPFPS_BOUNDS_BPF_H
#define EBPFPS_BOUNDS_BPF_H

#include "kernel_types.bpf.h"

/*
 * The lesser of the two. The compiler may compare one copy of a value and then use another, from
 * the stack say; 5.10 to 6.12 don't know that both have the same bounds and refuse the program
 * ("unbounded memory access"). Here the register that is compared is the one that comes out.
 */
static __always_inline u64 at_most(u64 value, const u32 most)
{
	asm volatile("if %[value] <= %[most] goto +1\n\t%[value] = %[most]"
		     : [value] "+r"(value)
		     : [most] "i"(most));
	return value;
}

#endif
