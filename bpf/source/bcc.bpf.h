/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What C in bcc's dialect takes for granted: the kernel's types, libbpf's helpers, and BPF_HASH and its like. It is
 * included before a source that has no SEC() in it. Codegen/BccDialect.cs has turned MAP.METHOD( into MAP_METHOD( by
 * then; here are the functions of these names.
 */
#ifndef EBPFPS_BCC_BPF_H
#define EBPFPS_BCC_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang diagnostic ignored "-Wunused-variable"
#pragma clang diagnostic ignored "-Wint-conversion"
#pragma clang diagnostic ignored "-Wincompatible-pointer-types"
#pragma clang diagnostic ignored "-Wmissing-braces"
#pragma clang diagnostic ignored "-Wmacro-redefined"
#pragma clang diagnostic ignored "-Waddress-of-packed-member"

#define __user
#define __kernel
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_EXIST 2
#define TASK_COMM_LEN 16
#define NAME_MAX 255
#define PATH_MAX 4096
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#ifndef NULL
#define NULL ((void *)0)
#endif
#define ntohs bpf_ntohs
#define ntohl bpf_ntohl
#define htons bpf_htons
#define htonl bpf_htonl
#define cursor_advance(cursor, length) ({ void *__at = (cursor); (cursor) += (length); __at; })

/* The format alone, as bcc's has it; the helper also takes its length. */
#define bpf_trace_printk(format, arguments...) \
	({ \
		char ____format[] = format; \
		(bpf_trace_printk)(____format, sizeof(____format), ##arguments); \
	})

/* Where the program isn't a kprobe: the arguments and the result that its context has. */
#ifdef EBPFPS_SYSCALL_ARGUMENTS
#define EBPFPS_ARGUMENT(ctx, number) (((struct trace_event_raw_sys_enter *)(ctx))->args[(number) - 1])
#endif
#ifdef EBPFPS_TYPED_ARGUMENTS
#define EBPFPS_ARGUMENT(ctx, number) (((unsigned long long *)(ctx))[(number) - 1])
#endif
#ifdef EBPFPS_ARGUMENT
#undef PT_REGS_PARM1
#undef PT_REGS_PARM2
#undef PT_REGS_PARM3
#undef PT_REGS_PARM4
#undef PT_REGS_PARM5
#define PT_REGS_PARM1(ctx) EBPFPS_ARGUMENT(ctx, 1)
#define PT_REGS_PARM2(ctx) EBPFPS_ARGUMENT(ctx, 2)
#define PT_REGS_PARM3(ctx) EBPFPS_ARGUMENT(ctx, 3)
#define PT_REGS_PARM4(ctx) EBPFPS_ARGUMENT(ctx, 4)
#define PT_REGS_PARM5(ctx) EBPFPS_ARGUMENT(ctx, 5)
#endif
#ifdef EBPFPS_SYSCALL_RESULT
#undef PT_REGS_RC
#define PT_REGS_RC(ctx) (((struct trace_event_raw_sys_exit *)(ctx))->ret)
#endif
#ifdef EBPFPS_TYPED_RESULT
#undef PT_REGS_RC
#define PT_REGS_RC(ctx) \
	({ \
		unsigned long long ____result = 0; \
		bpf_get_func_ret(ctx, &____result); \
		____result; \
	})
#endif

/* With its type, so that its members can be read as in any C. */
#ifdef EBPFPS_TASK_BTF
#define bpf_get_current_task() ((void *)bpf_get_current_task_btf())
#endif

static __always_inline unsigned int bpf_log2(unsigned int value)
{
	unsigned int result, shift;

	result = (value > 0xffff) << 4;
	value >>= result;
	shift = (value > 0xff) << 3;
	value >>= shift;
	result |= shift;
	shift = (value > 0xf) << 2;
	value >>= shift;
	result |= shift;
	shift = (value > 0x3) << 1;
	value >>= shift;
	result |= shift;
	return result | (value >> 1);
}

/* The slot of a histogram: slot n counts values of n bits, from 2^(n-1) to 2^n - 1, and slot 1 counts zeros with ones. */
static __always_inline unsigned int bpf_log2l(unsigned long value)
{
	unsigned int high = value >> 32;

	return high ? bpf_log2(high) + 33 : bpf_log2(value) + 1;
}

#define EBPFPS_METHOD static __always_inline __attribute__((overloadable))
#define EBPFPS_CHOOSE(_1, _2, _3, _4, _5, name, ...) name

#define EBPFPS_MAP(kind, name, key_type, leaf_type, size) \
	struct { \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, size); \
		__type(key, key_type); \
		__type(value, leaf_type); \
	} name SEC(".maps"); \
	EBPFPS_METHOD leaf_type *name##_lookup(key_type *key) \
	{ \
		return bpf_map_lookup_elem(&name, key); \
	} \
	EBPFPS_METHOD long name##_update(key_type *key, leaf_type *leaf) \
	{ \
		return bpf_map_update_elem(&name, key, leaf, BPF_ANY); \
	} \
	EBPFPS_METHOD long name##_insert(key_type *key, leaf_type *leaf) \
	{ \
		return bpf_map_update_elem(&name, key, leaf, BPF_NOEXIST); \
	} \
	EBPFPS_METHOD long name##_delete(key_type *key) \
	{ \
		return bpf_map_delete_elem(&name, key); \
	} \
	EBPFPS_METHOD leaf_type *name##_lookup_or_try_init(key_type *key, leaf_type *leaf) \
	{ \
		leaf_type *found = bpf_map_lookup_elem(&name, key); \
\
		if (found) \
			return found; \
		bpf_map_update_elem(&name, key, leaf, BPF_NOEXIST); \
		return bpf_map_lookup_elem(&name, key); \
	} \
	EBPFPS_METHOD leaf_type *name##_lookup_or_init(key_type *key, leaf_type *leaf) \
	{ \
		return name##_lookup_or_try_init(key, leaf); \
	}

/* Values that aren't numbers of 4 or 8 bytes have nothing to count. */
#define EBPFPS_COUNTS(name, key_type, leaf_type) \
	EBPFPS_METHOD void name##_atomic_increment(key_type key, unsigned long long by) \
	{ \
		leaf_type zero = {0}, *found = name##_lookup_or_try_init(&key, &zero); \
\
		if (found && sizeof(*found) == sizeof(u64)) \
			__sync_fetch_and_add((u64 *)found, by); \
		else if (found && sizeof(*found) == sizeof(u32)) \
			__sync_fetch_and_add((u32 *)found, by); \
	} \
	EBPFPS_METHOD void name##_atomic_increment(key_type key) \
	{ \
		name##_atomic_increment(key, 1); \
	} \
	EBPFPS_METHOD void name##_increment(key_type key, unsigned long long by) \
	{ \
		name##_atomic_increment(key, by); \
	} \
	EBPFPS_METHOD void name##_increment(key_type key) \
	{ \
		name##_atomic_increment(key, 1); \
	}

/* BPF_HASH(name[, key[, leaf[, size]]]) */
#define BPF_HASH(...) EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(HASH, __VA_ARGS__)
#define BPF_LRU_HASH(...) EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(LRU_HASH, __VA_ARGS__)
#define BPF_PERCPU_HASH(...) \
	EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(PERCPU_HASH, __VA_ARGS__)
#define EBPFPS_HASH1(kind, name) EBPFPS_HASH2(kind, name, u64)
#define EBPFPS_HASH2(kind, name, key) EBPFPS_HASH4(kind, name, key, u64, 10240)
#define EBPFPS_HASH3(kind, name, key, leaf) EBPFPS_HASH4(kind, name, key, leaf, 10240)
#define EBPFPS_HASH4(kind, name, key, leaf, size) EBPFPS_MAP(kind, name, key, leaf, size) EBPFPS_COUNTS(name, key, leaf)

/* BPF_ARRAY(name[, leaf[, size]]) */
#define BPF_ARRAY(...) EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_ARRAY3, EBPFPS_ARRAY2, EBPFPS_ARRAY1)(ARRAY, __VA_ARGS__)
#define BPF_PERCPU_ARRAY(...) \
	EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_ARRAY3, EBPFPS_ARRAY2, EBPFPS_ARRAY1)(PERCPU_ARRAY, __VA_ARGS__)
#define EBPFPS_ARRAY1(kind, name) EBPFPS_ARRAY3(kind, name, u64, 10240)
#define EBPFPS_ARRAY2(kind, name, leaf) EBPFPS_ARRAY3(kind, name, leaf, 10240)
#define EBPFPS_ARRAY3(kind, name, leaf, size) EBPFPS_MAP(kind, name, int, leaf, size) EBPFPS_COUNTS(name, int, leaf)

/*
 * BPF_HISTOGRAM(name[, key[, slots]]). The name of the values' type tells the reader (Probes/HistogramReader.cs) that the
 * map is a histogram, and what its slots are.
 */
#ifdef EBPFPS_LINEAR_SLOTS
typedef u64 linear_histogram_slot;
#define EBPFPS_SLOT linear_histogram_slot
#else
typedef u64 log2_histogram_slot;
#define EBPFPS_SLOT log2_histogram_slot
#endif
#define BPF_HISTOGRAM(...) EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_SLOTS3, EBPFPS_SLOTS2, EBPFPS_SLOTS1)(__VA_ARGS__)
#define EBPFPS_SLOTS1(name) EBPFPS_MAP(ARRAY, name, int, EBPFPS_SLOT, 64) EBPFPS_COUNTS(name, int, EBPFPS_SLOT)
#define EBPFPS_SLOTS2(name, key) EBPFPS_SLOTS3(name, key, 64)
#define EBPFPS_SLOTS3(name, key, slots) EBPFPS_MAP(HASH, name, key, EBPFPS_SLOT, slots) EBPFPS_COUNTS(name, key, EBPFPS_SLOT)

#define BPF_PERF_OUTPUT(name) \
	struct { \
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); \
		__uint(key_size, sizeof(int)); \
		__uint(value_size, sizeof(int)); \
	} name SEC(".maps"); \
	EBPFPS_METHOD long name##_perf_submit(void *ctx, void *data, unsigned long size) \
	{ \
		return bpf_perf_event_output(ctx, &name, BPF_F_CURRENT_CPU, data, size); \
	}

#define BPF_RINGBUF_OUTPUT(name, pages) \
	struct { \
		__uint(type, BPF_MAP_TYPE_RINGBUF); \
		__uint(max_entries, (pages) * 4096); \
	} name SEC(".maps"); \
	EBPFPS_METHOD long name##_ringbuf_output(void *data, unsigned long size, unsigned long flags) \
	{ \
		return bpf_ringbuf_output(&name, data, size, flags); \
	}

#endif
