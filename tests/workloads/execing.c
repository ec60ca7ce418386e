/* Executes a program in the way that its first argument names; prints the errno when that fails. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "gate.h"

extern char **environ;

static char **in_thread;

static void *exec_in_thread(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "not-the-leader");
	execve(in_thread[0], in_thread + 1, environ);
	return NULL;
}

/* count arguments of length bytes each, all different, behind the program's name. */
static char **long_arguments(int count, int length)
{
	char **list = calloc(count + 2, sizeof(*list));
	int i;

	list[0] = "long";
	for (i = 1; i <= count; i++) {
		list[i] = malloc(length + 1);
		memset(list[i], 'a' + i % 26, length);
		list[i][length] = 0;
	}
	return list;
}

/* How many pages are left of the environment does not matter here, so there is none. */
static void exec_long(const char *file, int count, int length)
{
	char *none[] = { NULL };

	execve(file, long_arguments(count, length), none);
}

/* So many children a second; every second one asks for a file of its own that is missing. */
/* Arguments whose pointers lie in a page of a file that is not resident. */
static char **cold_pointers(const char *store, char **pointers, size_t size)
{
	int fd = open(store, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char **page;

	if (fd < 0 || write(fd, pointers, size) != (ssize_t)size || fsync(fd))
		exit(1);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	madvise(page, 4096, MADV_DONTNEED);
	return page;
}

static void steadily(char *file, long times, long per_second)
{
	char missing[64];
	long i;

	for (i = 0; i < times; i++) {
		char *name = i % 2 ? missing : file;
		char *list[] = { name, "argument", NULL };
		pid_t child;

		snprintf(missing, sizeof(missing), "/no/such/file-%ld", i);
		child = vfork();
		if (child == 0) {
			execve(name, list, environ);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		usleep(1000000 / per_second);
	}
}

static int usage(const char *how)
{
	fprintf(stderr, "unknown way to execute: %s\n", how);
	return 99;
}

int main(int count, char **arguments)
{
	const char *how = count > 2 ? arguments[1] : "";
	char **rest = arguments + 2;
	char *odd[] = { "odd", "", "line\nfeed", "\033[31mred", "it's \"quoted\"", "\xff\xfe\xc3(", "\xe6\x97\xa5", " ", NULL };
	char *none[] = { NULL };
	int at = -1;

	if (strcmp(how, "at") == 0)
		at = open(rest[0], O_PATH);
	if (strcmp(how, "user") == 0 &&
	    (setgroups(0, NULL) || setresgid(65533, 65533, 65533) || setresuid(65534, 65534, 65534)))
		return 98;
	wait_for_go();

	/* FILE ARGUMENT...: the arguments begin with the program's own name. */
	if (strcmp(how, "exec") == 0 || strcmp(how, "user") == 0)
		execve(rest[0], rest + 1, environ);
	else if (strcmp(how, "thread") == 0) {
		pthread_t thread;

		in_thread = rest;
		pthread_create(&thread, NULL, exec_in_thread, NULL);
		pthread_join(thread, NULL);
	} else if (strcmp(how, "at") == 0)
		syscall(SYS_execveat, at, "", rest + 1, environ, AT_EMPTY_PATH);
	else if (strcmp(how, "relative-at") == 0)
		syscall(SYS_execveat, AT_FDCWD, rest[0], rest + 1, environ, 0);
	else if (strcmp(how, "odd") == 0)
		execve(rest[0], odd, environ);
	else if (strcmp(how, "none") == 0)
		execve(rest[0], none, environ);
	else if (strcmp(how, "null") == 0)
		syscall(SYS_execve, rest[0], NULL, environ);
	else if (strcmp(how, "bad-file") == 0)
		execve((char *)1, odd, environ);
	else if (strcmp(how, "bad-arguments") == 0)
		execve(rest[0], (char **)1, environ);
	/* FILE STORE */
	else if (strcmp(how, "cold-arguments") == 0)
		execve(rest[0], cold_pointers(rest[1], odd, sizeof(odd)), environ);
	/* FILE COUNT LENGTH */
	else if (strcmp(how, "long") == 0)
		exec_long(rest[0], atoi(rest[1]), atoi(rest[2]));
	/* FILE TIMES PER-SECOND */
	else if (strcmp(how, "steadily") == 0) {
		steadily(rest[0], atoi(rest[1]), atoi(rest[2]));
		return 0;
	} else
		return usage(how);
	printf("%d\n", errno);
	return 0;
}
