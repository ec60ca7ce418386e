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

/*
 * Numbers of the native table and of a 32-bit caller's (arch/x86/entry/syscalls/syscall_32.tbl,
 * arch/arm/tools/syscall.tbl); -1 where the architecture has no such call.
 */
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
#define NR32_open 5
#define NR32_creat 8
#define NR32_execve 11
#define NR32_execveat 358
#define NR32_openat 295
#define NR32_openat2 437
#define NR32_socketcall 102
#define NR32_connect 362
#define NR32_accept -1
#define NR32_accept4 364
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
#define NR32_open 5
#define NR32_creat 8
#define NR32_execve 11
#define NR32_execveat 387
#define NR32_openat 322
#define NR32_openat2 437
#define NR32_socketcall -1
#define NR32_connect 283
#define NR32_accept 285
#define NR32_accept4 366
#endif

/* socketcall(2): include/uapi/linux/net.h */
#define SYS_CONNECT 3
#define SYS_ACCEPT 5
#define SYS_ACCEPT4 18

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

/* A successful exec may return under another table's number than it was called by. */
static __always_inline bool is_exec_call(u32 number, bool compat)
{
	return compat ? number == NR32_execve || number == NR32_execveat
		      : number == NR_execve || number == NR_execveat;
}

/* The first four arguments of the call that is under way. Of a 32-bit caller's registers the kernel takes 32 bits. */
static __always_inline void read_call_arguments(struct pt_regs *regs, bool compat, u64 *arguments)
{
	if (!compat) {
		arguments[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
		arguments[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
		arguments[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
		arguments[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
		return;
	}
#if defined(__TARGET_ARCH_x86)
	arguments[0] = (u32)BPF_CORE_READ(regs, bx);
	arguments[1] = (u32)BPF_CORE_READ(regs, cx);
	arguments[2] = (u32)BPF_CORE_READ(regs, dx);
	arguments[3] = (u32)BPF_CORE_READ(regs, si);
#else
	arguments[0] = (u32)BPF_CORE_READ(regs, orig_x0);
	arguments[1] = (u32)BPF_CORE_READ(regs, regs[1]);
	arguments[2] = (u32)BPF_CORE_READ(regs, regs[2]);
	arguments[3] = (u32)BPF_CORE_READ(regs, regs[3]);
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
