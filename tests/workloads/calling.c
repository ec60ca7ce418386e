/* Makes so many syscalls of one kind or another, and no others of that kind, once it may go. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gate.h"

/* Bytes that come one by one out of a pipe. */
static void read_pipe(long times)
{
	int ends[2];
	char c = 0;
	long i;

	if (pipe(ends))
		exit(1);
	for (i = 0; i < times; i++) {
		if (write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1)
			exit(1);
	}
}

static void sleep_for(long times, long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	long i;

	for (i = 0; i < times; i++)
		syscall(SYS_nanosleep, &time, NULL);
}

static void repeat(long number, long times)
{
	long i;

	for (i = 0; i < times; i++)
		syscall(number);
}

#if defined(__x86_64__)
/* A call by the 32-bit table's number, from a 64-bit process. */
static long call_32(long number, long first)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* getpid(2) is 20 there (writev in the native table), socketcall(2) 102 (getuid), and 5 is open. */
static void call_by_32_bit_numbers(long times)
{
	long i;

	for (i = 0; i < times; i++) {
		if (call_32(20, 0) != getpid())
			exit(1);
		if (call_32(102, -1) != -EINVAL)
			exit(1);
	}
}
#else
static void call_by_32_bit_numbers(long times)
{
	(void)times;
	exit(1);
}
#endif

static void on_alarm(int signal)
{
	(void)signal;
}

/* A read that a signal ends. */
static void read_until_signal(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int ends[2];
	char c;

	if (pipe(ends) || sigaction(SIGALRM, &action, NULL))
		exit(1);
	alarm(1);
	if (read(ends[0], &c, 1) != -1 || errno != EINTR)
		exit(1);
}

int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "";
	long times = count > 2 ? atol(arguments[2]) : 1;

	wait_for_go();
	if (strcmp(how, "read") == 0) {
		read_pipe(times);
	} else if (strcmp(how, "sleep") == 0) {
		sleep_for(times, atol(arguments[3]));
	} else if (strcmp(how, "several") == 0) {
		repeat(SYS_getppid, times);
		repeat(SYS_getuid, 2 * times);
		repeat(SYS_getgid, 3 * times);
	} else if (strcmp(how, "compat") == 0) {
		call_by_32_bit_numbers(times);
	} else if (strcmp(how, "unknown") == 0) {
		repeat(900, times);
	} else if (strcmp(how, "fail") == 0) {
		/* No such descriptor. */
		for (long i = 0; i < times; i++)
			syscall(SYS_fsync, -1);
	} else if (strcmp(how, "signal") == 0) {
		read_until_signal();
	} else if (strcmp(how, "exec") == 0) {
		execl(arguments[2], arguments[2], NULL);
	} else {
		fprintf(stderr, "unknown way to call: %s\n", how);
		return 99;
	}
	return 0;
}
