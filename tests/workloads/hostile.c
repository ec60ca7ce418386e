/*
 * What a process may change under a tracer's eyes while a call is under way: hostile HOW TIMES [FILE]
 *   arguments  executes FILE with an argument that another thread rewrites all the time
 *   path       opens a path that another thread rewrites
 *   name       opens a file while another thread renames this one
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "gate.h"

/* Over several pages, so that a copy takes a while. */
#define ARGUMENT 12000

static char argument[ARGUMENT + 1];
static char path[] = "/dev/null";
static int name_file;
static volatile int stop;

/* All of one letter, then of another; now and then cut short. */
static void *rewrite_argument(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++) {
		memset(argument, i % 2 ? 'a' : 'b', ARGUMENT);
		if (i % 16 == 0)
			argument[i % ARGUMENT] = 0;
	}
	return NULL;
}

static void *rewrite_path(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++)
		memcpy(path + 5, i % 2 ? "null" : "zero", 4);
	return NULL;
}

static void *rename_main_thread(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++)
		if (write(name_file, i % 2 ? "aaaaaaaaaaaaaaa" : "bbbbbbbbbbbbbbb", 15) != 15)
			_exit(98);
	return NULL;
}

static void execute(char *file, char **environment)
{
	char *list[] = { file, argument, NULL };
	pid_t child = vfork();

	if (child == 0) {
		execve(file, list, environment);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(int count, char **arguments, char **environment)
{
	const char *how = count > 2 ? arguments[1] : "";
	int times = count > 2 ? atoi(arguments[2]) : 0, i;
	void *(*rewrite)(void *) = strcmp(how, "arguments") == 0 ? rewrite_argument :
				   strcmp(how, "path") == 0	 ? rewrite_path :
								   rename_main_thread;
	pthread_t thread;

	memset(argument, 'a', ARGUMENT);
	name_file = open("/proc/self/comm", O_WRONLY);
	if (write(name_file, "aaaaaaaaaaaaaaa", 15) != 15)
		return 98;
	wait_for_go();
	pthread_create(&thread, NULL, rewrite, NULL);
	for (i = 0; i < times; i++) {
		if (rewrite == rewrite_argument)
			execute(arguments[3], environment);
		else
			close(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0));
	}
	stop = 1;
	pthread_join(thread, NULL);
	return 0;
}
