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
#pragma clang diagnostic ignored "-Wpointer-sign"
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
#define lock_xadd(pointer, value) ((void)__sync_fetch_and_add(pointer, value))
#define _(pointer) \
	({ \
		typeof(pointer) __value = {0}; \
		bpf_probe_read_kernel(&__value, sizeof(__value), &(pointer)); \
		__value; \
	})
#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define MINORBITS 20
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev) & ((1U << MINORBITS) - 1)))
#define S_IFMT 00170000
#define S_ISREG(mode) (((mode) & S_IFMT) == 0100000)
#define S_ISDIR(mode) (((mode) & S_IFMT) == 0040000)
#define S_ISLNK(mode) (((mode) & S_IFMT) == 0120000)
#define S_ISCHR(mode) (((mode) & S_IFMT) == 0020000)
#define S_ISBLK(mode) (((mode) & S_IFMT) == 0060000)
#define S_ISFIFO(mode) (((mode) & S_IFMT) == 0010000)
#define S_ISSOCK(mode) (((mode) & S_IFMT) == 0140000)
#define O_CREAT 00000100
#define O_TMPFILE 020200000
#define FMODE_CREATED 0x100000
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define DISK_NAME_LEN 32
#define DNAME_INLINE_LEN 40
#define REQ_OP_MASK 0xff
#define SCM_RIGHTS 1
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(pointer) (!(pointer) || IS_ERR(pointer))
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

/*
 * What the source reads through a pointer into the kernel. The verifier lets few programs do that themselves. An array
 * stays where it is: what it is given to reads it.
 */
static __always_inline void *ebpfps_read(void *to, unsigned int size, const void *from)
{
	bpf_probe_read_kernel(to, size, from);
	return to;
}
#define EBPFPS_IS_ARRAY(place) (!__builtin_types_compatible_p(typeof(place), typeof(({ (place); }))))
#define EBPFPS_READ(place) \
	__builtin_choose_expr( \
		EBPFPS_IS_ARRAY(place), place, \
		(*(typeof(place) *)ebpfps_read((void *)&(typeof(place)){0}, sizeof(place), &(place))))

/* A string of a tracepoint: the word tells in its lower half where it lies. */
#define TP_DATA_LOC_READ_CONST(target, field, length) \
	bpf_probe_read_kernel((void *)(target), length, (char *)args + (args->data_loc_##field & 0xffff))
#define TP_DATA_LOC_READ(target, field) TP_DATA_LOC_READ_CONST(target, field, args->data_loc_##field >> 16)
#define TP_DATA_LOC_READ_STR(target, field, length) \
	bpf_probe_read_kernel_str((void *)(target), length, (char *)args + (args->data_loc_##field & 0xffff))

/* Programs that say themselves where they run. The struct of a tracepoint is declared from tracefs before the source. */
#define TRACEPOINT_PROBE(category, event) \
	SEC("tracepoint/" #category "/" #event) \
	int tracepoint__##category##__##event(struct tracepoint__##category##__##event *args)
#define RAW_TRACEPOINT_PROBE(event) \
	SEC("raw_tracepoint/" #event) int raw_tracepoint__##event(struct bpf_raw_tracepoint_args *ctx)
#define KFUNC_PROBE(event, arguments...) SEC("fentry/" #event) int BPF_PROG(kfunc__##event, ##arguments)
#define KRETFUNC_PROBE(event, arguments...) SEC("fexit/" #event) int BPF_PROG(kretfunc__##event, ##arguments)
#define LSM_PROBE(event, arguments...) SEC("lsm/" #event) int BPF_PROG(lsm__##event, ##arguments)

#include "bcc_maps.bpf.h"

#endif
