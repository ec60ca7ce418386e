/* Runs a program under a seccomp filter: refuse SYSCALL ERRNO PROGRAM [ARGUMENT]..., for the few of both named here. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct number {
	const char *name;
	unsigned int value;
};

static const struct number calls[] = {
	{ "bpf", SYS_bpf },
	{ "perf_event_open", SYS_perf_event_open },
	{ "epoll_create1", SYS_epoll_create1 },
	{ "epoll_ctl", SYS_epoll_ctl },
	{ "eventfd2", SYS_eventfd2 },
	{ NULL, 0 },
};

static const struct number answers[] = {
	{ "EPERM", EPERM }, { "ENOSYS", ENOSYS }, { "ENOMEM", ENOMEM }, { NULL, 0 },
};

static unsigned int find(const struct number *list, const char *name)
{
	for (; list->name; list++) {
		if (name && strcmp(list->name, name) == 0)
			return list->value;
	}
	fprintf(stderr, "usage: refuse SYSCALL ERRNO PROGRAM [ARGUMENT]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned int call = find(calls, argc > 3 ? argv[1] : NULL);
	unsigned int answer = find(answers, argc > 3 ? argv[2] : NULL);
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		return 1;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 1;
}
