/*
 * TCP's timers give up connections while the same CPU changes the state of another: COUNT connections that nobody
 * answers, and until the last has timed out, one that connects and disconnects all the time. A timer's interrupt may
 * come while a tracepoint's program runs, and the kernel does not run that program again within itself.
 * Prints how many connects were made, each with one outcome.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gate.h"
#include "loopback.h"

static void stay_on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	check(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
}

static void start_connecting(int fd, int port)
{
	int status = connect_to(fd, "4", port);

	if (status != EINPROGRESS) {
		fprintf(stderr, "connect: %s\n", strerror(status));
		exit(98);
	}
}

static int has_timed_out(int fd, int milliseconds)
{
	struct pollfd failed = { .fd = fd };

	check(poll(&failed, 1, milliseconds), "poll");
	return failed.revents & POLLERR;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000, once = 1, server, again, port, i;
	struct rlimit files = { count + 64, count + 64 };
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	long connects = 0;
	int *waiting = calloc(count, sizeof(*waiting));

	check(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	stay_on_one_cpu();
	own_network(1);
	server = listening("4", 0);
	port = port_of(server);
	/* A listener whose queue is full drops what comes. */
	for (i = 0; i < 4; i++)
		connect_to(client("4", SOCK_NONBLOCK), "4", port);
	usleep(100000);
	wait_for_go();

	for (i = 0; i < count; i++) {
		waiting[i] = client("4", SOCK_NONBLOCK);
		check(setsockopt(waiting[i], IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once)), "TCP_SYNCNT");
		start_connecting(waiting[i], port);
		connects++;
		usleep(1000000 / count);
	}
	again = client("4", SOCK_NONBLOCK);
	while (!has_timed_out(waiting[count - 1], 0)) {
		for (i = 0; i < 256; i++) {
			start_connecting(again, port);
			connect(again, &nowhere, sizeof(nowhere));
			connects++;
		}
	}
	for (i = 0; i < count; i++) {
		if (!has_timed_out(waiting[i], 5000))
			return 97;
	}
	printf("%ld\n", connects);
	return 0;
}
