/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A program that prints. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile unsigned int traced_pid = 0;

SEC("tp/syscalls/sys_enter_getppid")
int prints(void *ctx)
{
	unsigned int pid = bpf_get_current_pid_tgid() >> 32;

	if (pid != traced_pid)
		return 0;
	bpf_printk("pid %d", pid);
	bpf_printk("two\nlines");
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
