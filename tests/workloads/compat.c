/*
 * Opens and connects by the numbers of the 32-bit table, through int $0x80 in a 64-bit process: the kernel takes
 * that for a 32-bit process's call. What the calls point to lies below 4 GiB. Prints results, an errno with a minus.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/net.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "gate.h"
#include "loopback.h"

/* arch/x86/entry/syscalls/syscall_32.tbl. In the 64-bit table 5 is fstat, 8 lseek, 102 getuid. */
#define OPEN_32 5
#define CREAT_32 8
#define SOCKETCALL_32 102
#define OPENAT_32 295
#define CONNECT_32 362
#define ACCEPT4_32 364
#define OPENAT2_32 437

/* x86-64's own, as the 32-bit table is. */
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

static char *low;

static void *below_4gib(const void *data, size_t size)
{
	void *place = low;

	memcpy(place, data, size);
	low += (size + 15) / 16 * 16;
	return place;
}

static int call_32_of_five(long number, long first, long second, long third, long fourth, long fifth)
{
	long result = 0;

#if defined(__x86_64__)
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(fifth)
			 : "memory", "r8", "r9", "r10", "r11");
#else
	exit(97);
#endif
	return result;
}

static int call_32(long number, long first, long second, long third, long fourth)
{
	return call_32_of_five(number, first, second, third, fourth, 0);
}

static long number(const char *text)
{
	return strtol(text, NULL, 0);
}

/* CALL DIRECTORY PATH FLAGS MODE */
static int open_32(char **arguments)
{
	struct open_how how = { .flags = number(arguments[3]), .mode = number(arguments[4]) };
	int directory = dup2(open(arguments[1], O_PATH | O_DIRECTORY), 40), result;
	long path = (long)below_4gib(arguments[2], strlen(arguments[2]) + 1);
	long low_how = (long)below_4gib(&how, sizeof(how));
	const char *call = arguments[0];

	/* Both halves of each register are the caller's: the kernel takes the lower one. */
	path |= 0x7700000000000000;
	wait_for_go();
	if (strcmp(call, "open") == 0)
		result = call_32(OPEN_32, path, how.flags, how.mode, 0);
	else if (strcmp(call, "creat") == 0)
		result = call_32(CREAT_32, path, how.mode, 0, 0);
	else if (strcmp(call, "openat") == 0)
		result = call_32(OPENAT_32, directory, path, how.flags, how.mode);
	else if (strcmp(call, "openat2") == 0)
		result = call_32(OPENAT2_32, directory, path, low_how, sizeof(how));
	else
		return 99;
	printf("%d\n", result);
	return 0;
}

/* Calls of the 64-bit table whose numbers are opens in the 32-bit one, and the other way round. */
static int others(void)
{
	struct timespec *time = below_4gib(&(struct timespec){ 0 }, sizeof(*time));

	wait_for_go();
	syscall(OPEN_32, 0, below_4gib("fstat", 6));
	syscall(CREAT_32, 0, 0, SEEK_CUR);
	/* preadv */
	syscall(OPENAT_32, 0, below_4gib("preadv", 7), 0, 0);
	/* In the 32-bit table 2 is fork's number, 85 is readlink and 257 remap_file_pages. */
	call_32(85, (long)below_4gib("readlink", 9), (long)time, 8, 0);
	call_32(257, (long)below_4gib("remap", 6), 0, 0, 0);
	return 0;
}

/*
 * NUMBER FIRST: a 32-bit call that can be taken for a connect of descriptor 40, by either table's registers. Where it
 * succeeds it is made again with a TCP socket where its result points to, and can be taken for an accept. Prints both.
 */
static int numbered(long call, long first)
{
	union address address;
	socklen_t length = loopback(&address, "4", 80);
	long at = (long)below_4gib(&address, length);
	int fd = dup2(client("4", 0), 40), results[2] = { 0 }, i;

	wait_for_go();
	for (i = 0; i < 2; i++) {
		results[i] = call_32_of_five(call, first, at, length, at, fd);
		if (results[i] >= 0)
			dup2(fd, results[i]);
	}
	printf("%d %d\n", results[0], results[1]);
	return 0;
}

static int socketcall(int call, unsigned int first, unsigned int second, unsigned int third, unsigned int fourth)
{
	unsigned int arguments[] = { first, second, third, fourth };

	return call_32(SOCKETCALL_32, call, (long)below_4gib(arguments, sizeof(arguments)), 0, 0);
}

static int connect_32(const char *how, int fd, int port)
{
	union address address;
	socklen_t length = loopback(&address, "4", port);
	void *at = below_4gib(&address, length);

	if (strcmp(how, "socketcall") == 0)
		return socketcall(SYS_CONNECT, fd, (unsigned int)(long)at, length, 0);
	return call_32(CONNECT_32, fd, (long)at, length, 0);
}

static int accept_32(const char *how, int server)
{
	if (strcmp(how, "socketcall") == 0)
		return socketcall(SYS_ACCEPT, server, 0, 0, 0);
	if (strcmp(how, "socketcall4") == 0)
		return socketcall(SYS_ACCEPT4, server, 0, 0, 0);
	return call_32(ACCEPT4_32, server, 0, 0, 0);
}

/* CONNECT-BY ACCEPT-BY: the client's end closes first. */
static int pair(const char *connecting, const char *accepting)
{
	int server = listening("4", 5), fd = client("4", 0), status;
	pid_t child = fork();

	check(child, "fork");
	if (child == 0) {
		close(fd);
		prctl(PR_SET_NAME, "accepting");
		fd = accept_32(accepting, server);
		check(fd, "accept");
		wait_for_end(fd);
		_exit(0);
	}
	check(connect_32(connecting, fd, port_of(server)), "connect");
	printf("%d %d\n", port_of(server), port_of(fd));
	close(fd);
	check(waitpid(child, &status, 0), "waitpid");
	return status;
}

int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";

	low = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | MAP_POPULATE, -1, 0);
	if (low == MAP_FAILED)
		return 98;
	if (strcmp(what, "others") == 0)
		return others();
	if (strcmp(what, "numbered") == 0 && count == 4)
		return numbered(number(arguments[2]), number(arguments[3]));
	if (strcmp(what, "pair") == 0)
		return pair(arguments[2], arguments[3]);
	if (strcmp(what, "unreachable") == 0) {
		check(unshare(CLONE_NEWNET), "unshare");
		printf("80 0 %d\n", connect_32(arguments[2], client("4", 0), 80));
		return 0;
	}
	return count == 7 ? open_32(arguments + 2) : 99;
}
