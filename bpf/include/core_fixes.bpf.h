/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What kernels from 5.10 on do differently: one accessor each, naming the version that changed it. */
#ifndef EBPFPS_CORE_FIXES_BPF_H
#define EBPFPS_CORE_FIXES_BPF_H

#include "kernel_types.bpf.h"

/*
 * Reads a string of user space; the length with its NUL, or a negative errno. Before Linux 6.16 an
 * empty string counts as none ("maccess: fix strncpy_from_user_nofault() empty string handling").
 */
static __always_inline long read_user_string(char *to, u32 size, const void *from)
{
	long read = bpf_probe_read_user_str(to, size, from);

	if (read != 0)
		return read;
	*to = 0;
	return 1;
}

#endif
