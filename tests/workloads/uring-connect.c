/*
 * TCP connections on loopback through io_uring. The server is a child named "accepting". Prints the ports,
 * "LISTENING CLIENT", and behind them the result of a connect that fails.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "loopback.h"
#include "uring.h"

static int connect_by_ring(int fd, const char *family, int port)
{
	static union address address;
	socklen_t length = loopback(&address, family, port);
	struct io_uring_sqe *sqe = request();

	io_uring_prep_connect(sqe, fd, &address.any, length);
	finish(sqe, 0, 7);
	return run();
}

static int accept_by_ring(int server, const char *how)
{
	struct io_uring_sqe *sqe = request();
	unsigned int flags;

	if (strcmp(how, "multishot") == 0)
		io_uring_prep_multishot_accept(sqe, server, NULL, NULL, 0);
	else
		io_uring_prep_accept(sqe, server, NULL, NULL, 0);
	finish(sqe, 0, 8);
	check(io_uring_submit(&ring), "io_uring_submit");
	return completion(&flags);
}

/* FAMILY single|multishot: a connection, both of whose ends are made through io_uring; the client's closes first. */
static void pair(const char *how, const char *family, const char *accepting)
{
	int server = listening(family, 5), ready[2], status;
	pid_t child;
	char c;

	check(pipe(ready), "pipe");
	child = fork();
	check(child, "fork");
	if (child == 0) {
		int accepted;

		prctl(PR_SET_NAME, "accepting");
		make_ring(how);
		check(write(ready[1], "", 1), "write");
		accepted = accept_by_ring(server, accepting);
		check(accepted, "accept");
		receive_bytes(accepted, 10);
		wait_for_end(accepted);
		close(accepted);
		_exit(0);
	}
	make_ring(how);
	check(read(ready[0], &c, 1), "read");
	status = client(family, 0);
	check(connect_by_ring(status, family, port_of(server)), "connect");
	printf("%d %d\n", port_of(server), port_of(status));
	send_bytes(status, 10);
	close(status);
	check(waitpid(child, &status, 0), "waitpid");
	if (status)
		exit(98);
}

/* A port that nobody listens on: bound, so that nobody else takes it. */
static void refused(void)
{
	union address address;
	socklen_t length = loopback(&address, "4", 0);
	int taken = client("4", 0), fd = client("4", 0), result;

	check(bind(taken, &address.any, length), "bind");
	result = connect_by_ring(fd, "4", port_of(taken));
	printf("%d %d %d\n", port_of(taken), port_of(fd), result);
	close(fd);
}

/* The only port is taken: the socket leaves its first state and goes back to it inside the call. */
static void no_port(void)
{
	int server = listening("4", 5), range = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);

	check(write(range, "60000 60000", 11), "ip_local_port_range");
	check(connect_by_ring(client("4", 0), "4", port_of(server)), "connect");
	printf("%d 0 %d\n", port_of(server), connect_by_ring(client("4", 0), "4", port_of(server)));
}

/* A listener whose queue is full drops what comes; a timeout cancels the connect, and the socket is closed. */
static void cancelled(void)
{
	struct __kernel_timespec soon = { .tv_nsec = 100000000 };
	union address address;
	int server = listening("4", 0), fd, i;
	socklen_t length = loopback(&address, "4", port_of(server));
	struct io_uring_sqe *sqe;

	for (i = 0; i < 4; i++)
		connect_to(client("4", SOCK_NONBLOCK), "4", port_of(server));
	usleep(100000);
	fd = client("4", 0);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_connect(sqe, fd, &address.any, length);
	finish(sqe, IOSQE_IO_LINK, 7);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_link_timeout(sqe, &soon, 0);
	sqe->user_data = 1000;
	i = run();
	printf("%d %d %d\n", port_of(server), port_of(fd), i);
	close(fd);
}

/* RING pair FAMILY single|multishot, or RING refused|unreachable|noport|cancelled */
int main(int count, char **arguments)
{
	const char *how = count > 2 ? arguments[1] : "", *what = count > 2 ? arguments[2] : "";

	if (strcmp(what, "pair") == 0) {
		pair(how, arguments[3], arguments[4]);
		return 0;
	}
	if (strcmp(what, "refused") != 0)
		own_network(strcmp(what, "unreachable") != 0);
	make_ring(how);
	if (strcmp(what, "refused") == 0)
		refused();
	else if (strcmp(what, "noport") == 0)
		no_port();
	else if (strcmp(what, "cancelled") == 0)
		cancelled();
	else if (strcmp(what, "unreachable") == 0)
		printf("80 0 %d\n", connect_by_ring(client("4", 0), "4", 80));
	else
		return 99;
	return 0;
}
