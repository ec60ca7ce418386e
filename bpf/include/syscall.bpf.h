/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Syscalls through the raw pair sys_enter / sys_exit, for sessions that can't read tracefs.
 * The pair runs for every syscall of the machine, so a program looks at the number first.
 */
#ifndef EBPFPS_SYSCALL_BPF_H
#define EBPFPS_SYSCALL_BPF_H

#include "kernel_types.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Numbers of the native table; -1 where the architecture has no such call. */
#if defined(__TARGET_ARCH_x86)
#define NR_open 2
#define NR_creat 85
#define NR_openat 257
#define NR_openat2 437
#define NR_execve 59
#define NR_execveat 322
#define NR_connect 42
#define NR_accept 43
#define NR_accept4 288
#elif defined(__TARGET_ARCH_arm64)
#define NR_open -1
#define NR_creat -1
#define NR_openat 56
#define NR_openat2 437
#define NR_execve 221
#define NR_execveat 281
#define NR_connect 203
#define NR_accept 202
#define NR_accept4 242
#endif

/* A 32-bit caller's numbers are of another table: arch/x86 TS_COMPAT, arch/arm64 TIF_32BIT. */
static __always_inline bool is_compat_call(struct task_struct *task)
{
	struct task_struct___arch *arch = (void *)task;

#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(arch, thread_info.status) & 0x2;
#else
	return BPF_CORE_READ(arch, thread_info.flags) & (1UL << 22);
#endif
}

static __always_inline long syscall_number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(regs, orig_ax);
#else
	return BPF_CORE_READ(regs, syscallno);
#endif
}

#endif
