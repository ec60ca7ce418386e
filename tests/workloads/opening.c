/* Opens files in the way that its first argument names; prints the descriptor, or the errno with a minus. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "gate.h"

#define PAGE 4096

/* A page of its own, so that nothing else keeps it resident. */
static const char literal[PAGE] __attribute__((aligned(PAGE))) = "/dev/null";

static long number(const char *text)
{
	return strtol(text, NULL, 0);
}

static void print_result(long result)
{
	printf("%ld\n", result < 0 ? -(long)errno : result);
}

static long open_by(const char *call, int directory, const char *path, long flags, long mode)
{
	struct open_how how = { .flags = flags, .mode = mode };

#ifdef SYS_open
	if (strcmp(call, "open") == 0)
		return syscall(SYS_open, path, flags, mode);
	if (strcmp(call, "creat") == 0)
		return syscall(SYS_creat, path, mode);
#endif
	if (strcmp(call, "openat2") == 0)
		return syscall(SYS_openat2, directory, path, &how, sizeof(how));
	return syscall(SYS_openat, directory, path, flags, mode);
}

/* "/./././dev/null", so many bytes long. */
static const char *long_path(int length)
{
	const char *end = "/dev/null";
	char *path = malloc(length + 1);
	int i, rest = length - strlen(end);

	for (i = 0; i < rest; i++)
		path[i] = i % 2 ? '.' : '/';
	if (rest % 2)
		path[rest - 1] = '/';
	strcpy(path + rest, end);
	return path;
}

/* The first page of a file, mapped and not resident. */
static const char *cold_page(const char *file)
{
	int fd = open(file, O_RDONLY);
	const char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	madvise((void *)page, PAGE, MADV_DONTNEED);
	return page;
}

static void open_odd(void)
{
	const char *names[] = { "line\nfeed", "\033[31mred", "\xff\xfe\xc3(", "\xe6\x97\xa5", " ", "" };
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		open_by("openat", AT_FDCWD, names[i], O_RDONLY, 0);
}

/* Opens at full rate and says how often; then once more on every CPU, so that no gap stays open at the end. */
static void flood(const char *path, long times)
{
	cpu_set_t all, one;
	long i, done = 0;
	int cpu;

	for (i = 0; i < times; i++) {
		long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

		done++;
		if (fd >= 0)
			close(fd);
	}
	printf("%ld\n", done);
	wait_for_go();
	sched_getaffinity(0, sizeof(all), &all);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		close(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0));
	}
	printf("%d\n", CPU_COUNT(&all));
}

/* So many a second; every second file is missing and has a name of its own. */
static void steadily(const char *path, long times, long per_second)
{
	char missing[64];
	long i;

	for (i = 0; i < times; i++) {
		long fd;

		snprintf(missing, sizeof(missing), "missing-%ld", i);
		fd = syscall(SYS_openat, AT_FDCWD, i % 2 ? missing : path, O_RDONLY, 0);
		if (fd >= 0)
			close(fd);
		usleep(1000000 / per_second);
	}
}

int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "";
	char **rest = arguments + 2;
	const char *path = count > 2 ? rest[0] : NULL;
	int directory = AT_FDCWD;

	/* DIRECTORY PATH FLAGS MODE, or PATH FLAGS MODE */
	if (strcmp(how, "openat") == 0) {
		/* Under a number that the test knows. */
		directory = dup2(open(*rest++, O_PATH | O_DIRECTORY), 40);
		path = rest[0];
	}
	if (strcmp(how, "long") == 0)
		path = long_path(number(rest[0]));
	if (strcmp(how, "cold") == 0)
		path = cold_page(rest[0]);
	wait_for_go();

	if (strcmp(how, "open") == 0 || strcmp(how, "openat") == 0 || strcmp(how, "openat2") == 0)
		print_result(open_by(how, directory, path, number(rest[1]), number(rest[2])));
	else if (strcmp(how, "creat") == 0)
		print_result(open_by("creat", 0, path, 0, number(rest[1])));
	else if (strcmp(how, "long") == 0 || strcmp(how, "cold") == 0)
		print_result(open_by("openat", AT_FDCWD, path, O_RDONLY, 0));
	else if (strcmp(how, "literal") == 0) {
		madvise((void *)literal, PAGE, MADV_DONTNEED);
		print_result(open_by("openat", AT_FDCWD, literal, O_RDONLY, 0));
	} else if (strcmp(how, "null") == 0)
		print_result(open_by("openat", AT_FDCWD, NULL, O_RDONLY, 0));
	else if (strcmp(how, "bad") == 0)
		print_result(open_by("openat", AT_FDCWD, (char *)-1, O_RDONLY, 0));
	else if (strcmp(how, "odd") == 0)
		open_odd();
	else if (strcmp(how, "flood") == 0)
		flood(path, number(rest[1]));
	else if (strcmp(how, "steadily") == 0)
		steadily(path, number(rest[1]), number(rest[2]));
	else
		return 99;
	return 0;
}
