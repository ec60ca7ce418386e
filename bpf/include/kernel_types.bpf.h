/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel's types, reduced to the fields that the programs read. CO-RE relocates every
 * access against the running kernel's BTF, so order and padding here mean nothing.
 */
#ifndef EBPFPS_KERNEL_TYPES_BPF_H
#define EBPFPS_KERNEL_TYPES_BPF_H

/* Tells bpf_tracing.h that pt_regs has the kernel's names, not user space's. */
#define __VMLINUX_H__

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define TASK_COMM_LEN 16
#define PATH_MAX 4096

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
};

struct cred {
	struct {
		u32 val;
	} uid, gid;
};

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

/* The values are the running kernel's: CO-RE looks them up by name. */
enum cgroup_subsys_id {
	cpu_cgrp_id,
	memory_cgrp_id,
	devices_cgrp_id,
	freezer_cgrp_id,
	pids_cgrp_id,
};

struct css_set {
	struct cgroup *dfl_cgrp;
	struct cgroup_subsys_state *subsys[1];
};

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	struct io_uring_task *io_uring;
	u64 start_boottime;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct mm_struct *mm;
	struct files_struct *files;
	struct signal_struct *signal;
	const struct cred *cred;
	struct css_set *cgroups;
	char comm[TASK_COMM_LEN];
};

struct inode {
	unsigned short i_mode;
};

struct file {
	void *private_data;
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct in6_addr {
	union {
		u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	unsigned long skc_flags;
};

struct sock {
	struct sock_common __sk_common;
	int sk_err;
	u16 sk_protocol;
};

typedef enum {
	SS_FREE = 0,
	SS_UNCONNECTED = 1,
} socket_state;

struct socket {
	socket_state state;
	struct sock *sk;
};

struct inet_sock {
	u16 inet_sport;
};

struct tcp_sock {
	u64 bytes_sent;
	u64 bytes_received;
	u64 bytes_retrans;
};

struct linux_binprm {
	const char *filename;
};

struct trace_entry {
	int pid;
};

struct syscall_trace_enter {
	struct trace_entry ent;
	int nr;
};

struct trace_event_raw_sys_enter {
	struct trace_entry ent;
	long id;
	unsigned long args[6];
};

struct trace_event_raw_sys_exit {
	struct trace_entry ent;
	long id;
	long ret;
};

#if defined(__TARGET_ARCH_x86)
struct thread_info {
	unsigned int status;
};

/* arch/x86/include/asm/thread_info.h: thread_info is the first member of task_struct. */
struct task_struct___arch {
	struct thread_info thread_info;
};

struct pt_regs {
	unsigned long r10;
	unsigned long bx;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct thread_info {
	unsigned long flags;
};

struct task_struct___arch {
	struct thread_info thread_info;
};

struct user_pt_regs {
	u64 regs[31];
};

struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
};
#else
#error "add the architecture's pt_regs here and its numbers to syscall.bpf.h"
#endif

#pragma clang attribute pop

#endif
