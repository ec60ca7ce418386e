/*
 * Makes every syscall from 0 to its argument, and none takes effect: a seccomp filter answers each
 * with its own number as the error. The kernel's exit tracepoints still name it.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gate.h"

/* Calls that the filter lets pass, or is not asked about: it ends the process, the others would. */
static int is_let_through(long number)
{
	if (number == SYS_exit_group)
		return 1;
#if defined(__x86_64__)
	/* uretprobe and uprobe, for the kernel's own trampolines (kernel/seccomp.c, seccomp_uprobe_exception). */
	if (number == 335 || number == 336)
		return 1;
#endif
	return 0;
}

int main(int count, char **arguments)
{
	struct sock_filter answer[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SECCOMP_RET_DATA),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog program = { sizeof(answer) / sizeof(answer[0]), answer };
	long last = count > 1 ? atol(arguments[1]) : 0;
	long number;

	wait_for_go();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		return 1;
	}
	for (number = 0; number <= last; number++) {
		if (!is_let_through(number))
			syscall(number);
	}
	syscall(SYS_exit_group, 0);
}
