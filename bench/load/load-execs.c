/* SPDX-License-Identifier: MIT */
/* Executes load-noop, beside it, in a new process and waits for its end: load-execs COUNT RATE. */
#define _GNU_SOURCE
#include "load.h"
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static bool exec_once(void *context, int64_t i)
{
	char *path = context, *arguments[] = { path, "--option", "value", NULL }, *environment[] = { NULL };
	pid_t child;
	int status;

	/* glibc's posix_spawn is clone(CLONE_VM | CLONE_VFORK): no page tables are copied. */
	if (posix_spawn(&child, path, NULL, NULL, arguments, environment) != 0)
		return false;
	return waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 16];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("/proc/self/exe");
	snprintf(path, sizeof(path), "%s/load-noop", dirname(self));
	return run_load(argc, argv, exec_once, path);
}
