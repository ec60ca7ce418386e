/*
 * What a process may change under a tracer's eyes while a call is under way: hostile HOW TIMES [FILE [TEXT]]
 *   arguments  executes FILE with an argument that another thread rewrites all the time
 *   path       opens a path that another thread rewrites
 *   name       opens a file while another thread renames this one
 * Between two calls there is one rewriting at least. The last way leaves nothing to chance:
 *   fifo       opens FILE, which it makes; that waits for the other end, which another thread opens once it has
 *              written TEXT over the path, and another name, "renamed", over the main thread's
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "gate.h"

/* Over several pages, so that a copy takes a while. */
#define ARGUMENT 12000

static char argument[ARGUMENT + 1];
static char path[] = "/dev/null";
static int name_file;
static volatile int stop;
static volatile unsigned int rewritten;

/* The compiler must not keep what was written for later: another thread looks at it all the time. */
static void count_rewriting(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rewritten++;
}

/* All of one letter, then of another; now and then cut short. */
static void *rewrite_argument(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++) {
		memset(argument, i % 2 ? 'a' : 'b', ARGUMENT);
		if (i % 16 == 0)
			argument[i % ARGUMENT] = 0;
		count_rewriting();
	}
	return NULL;
}

static void *rewrite_path(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++) {
		memcpy(path + 5, i % 2 ? "null" : "zero", 4);
		count_rewriting();
	}
	return NULL;
}

/* Fifteen bytes or less. */
static void name_main_thread(const char *name)
{
	if (write(name_file, name, strlen(name)) != (ssize_t)strlen(name))
		_exit(98);
}

static void *rename_main_thread(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; !stop; i++) {
		name_main_thread(i % 2 ? "aaaaaaaaaaaaaaa" : "bbbbbbbbbbbbbbb");
		count_rewriting();
	}
	return NULL;
}

/* Without a call: where calls' tracepoints can be preempted, each more is one more that others' are skipped for. */
static void wait_for_rewriting(void)
{
	unsigned int before = rewritten;

	while (rewritten == before)
		;
}

static char fifo_path[PATH_MAX];
static const char *fifo, *fifo_text;
static int main_thread;
static volatile int is_opening;

/* Whether the main thread sleeps: in the call that it was about to make, there is nothing else for it to wait for. */
static int main_thread_waits(void)
{
	char text[512] = "", *end;

	if (pread(main_thread, text, sizeof(text) - 1, 0) <= 0)
		_exit(98);
	end = strrchr(text, ')');
	return end && end[2] == 'S';
}

static void *rewrite_waiting_path(void *unused)
{
	(void)unused;
	while (!stop) {
		if (!is_opening || !main_thread_waits()) {
			usleep(1000);
			continue;
		}
		strcpy(fifo_path, fifo_text);
		name_main_thread("renamed");
		close(syscall(SYS_openat, AT_FDCWD, fifo, O_WRONLY, 0));
		is_opening = 0;
	}
	return NULL;
}

static int open_fifo(int times)
{
	char stat[64];
	pthread_t thread;
	int fd, i;

	snprintf(stat, sizeof(stat), "/proc/self/task/%d/stat", getpid());
	main_thread = open(stat, O_RDONLY);
	if (main_thread < 0 || mkfifo(fifo, 0600))
		return 98;
	wait_for_go();
	pthread_create(&thread, NULL, rewrite_waiting_path, NULL);
	for (i = 0; i < times; i++) {
		strcpy(fifo_path, fifo);
		name_main_thread("waiting");
		is_opening = 1;
		fd = syscall(SYS_openat, AT_FDCWD, fifo_path, O_RDONLY, 0);
		/* While the other end is still open, the next call would not wait for it. */
		while (is_opening)
			usleep(1000);
		close(fd);
	}
	stop = 1;
	pthread_join(thread, NULL);
	return unlink(fifo);
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

	name_file = open("/proc/self/comm", O_WRONLY);
	if (strcmp(how, "fifo") == 0 && count > 4) {
		fifo = arguments[3];
		fifo_text = arguments[4];
		return open_fifo(times);
	}
	memset(argument, 'a', ARGUMENT);
	name_main_thread("aaaaaaaaaaaaaaa");
	wait_for_go();
	pthread_create(&thread, NULL, rewrite, NULL);
	for (i = 0; i < times; i++) {
		wait_for_rewriting();
		if (rewrite == rewrite_argument)
			execute(arguments[3], environment);
		else
			close(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0));
	}
	stop = 1;
	pthread_join(thread, NULL);
	return 0;
}
