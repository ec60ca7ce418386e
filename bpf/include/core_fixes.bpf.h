/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What kernels from 5.10 on do differently: one accessor each, naming the version that changed it. */
#ifndef EBPFPS_CORE_FIXES_BPF_H
#define EBPFPS_CORE_FIXES_BPF_H

#include "kernel_types.bpf.h"
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct filename {
	const char *name;
};

struct delayed_filename {
	struct filename *__incomplete_filename;
};

struct io_open {
	int dfd;
	u32 file_slot;
	struct filename *filename;
	struct open_how {
		u64 flags;
		u64 mode;
		u64 resolve;
	} how;
};

struct io_open___delayed {
	struct delayed_filename filename;
};

struct io_cqe {
	u64 user_data;
};

struct io_kiocb___user_data {
	u64 user_data;
};

struct io_kiocb___cqe {
	struct io_cqe cqe;
};

#pragma clang attribute pop

/*
 * Reads a string of user space; the length with its NUL, or a negative errno. Before Linux 6.16 an
 * empty string counts as none ("maccess: fix strncpy_from_user_nofault() empty string handling").
 * Without a jump, so that a loop of these is followed once (argument_walk.bpf.h).
 */
static __always_inline long read_user_string(char *to, u32 size, const void *from)
{
	long read;
	u64 some;

	*to = 0;
	read = bpf_probe_read_user_str(to, size, from);
	some = read | -read; /* its sign is set, but for 0 */
	barrier_var(some);
	return read + (~some >> 63);
}

/* The name that an open through io_uring was given. Linux 7.0 wraps it ("allow incomplete imports of filenames"). */
static __always_inline const char *uring_filename(const struct io_open *open)
{
	const struct io_open___delayed *delayed = (const void *)open;

	if (bpf_core_field_exists(open->filename))
		return BPF_CORE_READ(open, filename, name);
	return BPF_CORE_READ(delayed, filename.__incomplete_filename, name);
}

/* What the process marked a request with. Linux 5.19 moved it ("io_uring: explicitly keep a CQE in io_kiocb"). */
static __always_inline u64 uring_user_data(const void *request)
{
	const struct io_kiocb___user_data *older = request;
	const struct io_kiocb___cqe *newer = request;

	if (bpf_core_field_exists(older->user_data))
		return BPF_CORE_READ(older, user_data);
	return BPF_CORE_READ(newer, cqe.user_data);
}

#endif
