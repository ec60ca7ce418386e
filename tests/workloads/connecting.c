/*
 * TCP connections on loopback, of the kind that the first argument names. The server is a child
 * named "accepting". Prints the ports: "LISTENING CLIENT".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loopback.h"

/* pair FAMILY SENT RECEIVED client|server [nonblocking]: who closes first comes last but one. */
static int pair(char **arguments, int nonblocking)
{
	const char *family = arguments[0];
	long sent = atol(arguments[1]), received = atol(arguments[2]);
	int client_first = strcmp(arguments[3], "client") == 0;
	int server = listening(family, 5), fd = client(family, nonblocking ? SOCK_NONBLOCK : 0), status;
	pid_t child = fork();

	check(child, "fork");
	if (child == 0) {
		int accepted;

		/* The client's end is the parent's alone: else its close would not end the connection. */
		close(fd);
		prctl(PR_SET_NAME, "accepting");
		accepted = accept(server, NULL, NULL);
		check(accepted, "accept");
		receive_bytes(accepted, sent);
		send_bytes(accepted, received);
		if (client_first)
			wait_for_end(accepted);
		close(accepted);
		_exit(0);
	}
	status = connect_to(fd, family, port_of(server));
	if (nonblocking && status == EINPROGRESS) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		check(poll(&ready, 1, 5000), "poll");
		fcntl(fd, F_SETFL, 0);
		status = 0;
	}
	if (status)
		return status;
	fcntl(fd, F_SETFL, 0);
	printf("%d %d\n", port_of(server), port_of(fd));
	send_bytes(fd, sent);
	receive_bytes(fd, received);
	if (!client_first)
		wait_for_end(fd);
	close(fd);
	check(waitpid(child, &status, 0), "waitpid");
	return status;
}

/* A port that nobody listens on: bound, so that nobody else takes it. */
static int refused(const char *family, int nonblocking)
{
	union address address;
	socklen_t length = loopback(&address, family, 0);
	int taken = client(family, 0), fd = client(family, nonblocking ? SOCK_NONBLOCK : 0), status;

	check(bind(taken, &address.any, length), "bind");
	status = connect_to(fd, family, port_of(taken));
	if (status == EINPROGRESS) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		check(poll(&ready, 1, 5000), "poll");
	}
	/* Asking again gives the same error, and is not a second connect. */
	if (nonblocking)
		connect_to(fd, family, port_of(taken));
	printf("%d %d\n", port_of(taken), port_of(fd));
	return status != ECONNREFUSED && status != EINPROGRESS;
}

/* A listener whose queue is full drops what comes. */
static int full_listener(void)
{
	int server = listening("4", 0), i;

	for (i = 0; i < 4; i++)
		connect_to(client("4", SOCK_NONBLOCK), "4", port_of(server));
	usleep(100000);
	return server;
}

static int timed_out(void)
{
	int server, fd, once = 1;

	own_network(1);
	server = full_listener();
	fd = client("4", 0);
	check(setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once)), "TCP_SYNCNT");
	printf("%d 0\n", port_of(server));
	return connect_to(fd, "4", port_of(server)) != ETIMEDOUT;
}

static int abandoned(void)
{
	int server, fd;

	own_network(1);
	server = full_listener();
	fd = client("4", SOCK_NONBLOCK);
	connect_to(fd, "4", port_of(server));
	printf("%d %d\n", port_of(server), port_of(fd));
	close(fd);
	return 0;
}

static int no_port(void)
{
	int server, range;

	own_network(1);
	server = listening("4", 5);
	range = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);
	check(write(range, "60000 60000", 11), "ip_local_port_range");
	check(-connect_to(client("4", 0), "4", port_of(server)), "connect");
	printf("%d 0\n", port_of(server));
	return connect_to(client("4", 0), "4", port_of(server)) != EADDRNOTAVAIL;
}

static int reset(void)
{
	struct linger now = { .l_onoff = 1 };
	int server = listening("4", 5), fd = client("4", 0), accepted;

	check(-connect_to(fd, "4", port_of(server)), "connect");
	accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	check(accepted, "accept4");
	printf("%d %d\n", port_of(server), port_of(fd));
	check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), "SO_LINGER");
	close(fd);
	return 0;
}

static int never_accepted(void)
{
	int server = listening("4", 5), fd = client("4", 0);

	check(-connect_to(fd, "4", port_of(server)), "connect");
	printf("%d %d\n", port_of(server), port_of(fd));
	close(fd);
	close(server);
	return 0;
}

/* Says that the connection stands, and closes it when a line comes. */
/* Then ends it by a reset, if that is wanted. */
static int older(int by_reset)
{
	struct linger now = { .l_onoff = 1 };
	int server = listening("4", 5), fd = client("4", 0), accepted;

	check(-connect_to(fd, "4", port_of(server)), "connect");
	accepted = accept(server, NULL, NULL);
	check(accepted, "accept");
	printf("%d %d\n", port_of(server), port_of(fd));
	fflush(stdout);
	getchar();
	if (by_reset) {
		check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), "SO_LINGER");
		return close(fd);
	}
	send_bytes(fd, 123);
	receive_bytes(accepted, 123);
	close(fd);
	close(accepted);
	return 0;
}

/* Says that a connect is under way, for which the listener has no room; when a line comes it succeeds, and is closed. */
static int resumed(void)
{
	int server, fd;
	struct pollfd ready = { .events = POLLOUT };

	own_network(1);
	server = full_listener();
	ready.fd = fd = client("4", SOCK_NONBLOCK);
	connect_to(fd, "4", port_of(server));
	printf("%d %d\n", port_of(server), port_of(fd));
	fflush(stdout);
	getchar();
	check(listen(server, 16), "listen");
	/* The SYN is sent again a second after the first one, then after 2, 4 and 8. */
	if (poll(&ready, 1, 30000) != 1)
		return 1;
	send_bytes(fd, 123);
	return close(fd);
}

/* Connects that are none of TCP's. */
static int others(void)
{
	struct sockaddr_un nowhere = { .sun_family = AF_UNIX, .sun_path = "/nonexistent" };
	union address address;
	socklen_t length = loopback(&address, "4", 9);
	int udp = socket(AF_INET, SOCK_DGRAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);

	check(connect(udp, &address.any, length), "connect udp");
	connect(local, (struct sockaddr *)&nowhere, sizeof(nowhere));
	connect(-1, &address.any, length);
	connect(0, &address.any, length);
	return 0;
}

int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";
	int nonblocking = count > 3 && strcmp(arguments[count - 1], "nonblocking") == 0;

	if (strcmp(what, "pair") == 0)
		return pair(arguments + 2, nonblocking);
	if (strcmp(what, "refused") == 0)
		return refused(arguments[2], nonblocking);
	if (strcmp(what, "unreachable") == 0) {
		own_network(0);
		return connect_to(client("4", 0), "4", 80) != ENETUNREACH;
	}
	if (strcmp(what, "timeout") == 0)
		return timed_out();
	if (strcmp(what, "abandoned") == 0)
		return abandoned();
	if (strcmp(what, "noport") == 0)
		return no_port();
	if (strcmp(what, "reset") == 0)
		return reset();
	if (strcmp(what, "unaccepted") == 0)
		return never_accepted();
	if (strcmp(what, "older") == 0)
		return older(count > 2);
	if (strcmp(what, "resumed") == 0)
		return resumed();
	if (strcmp(what, "others") == 0)
		return others();
	fprintf(stderr, "unknown kind of connection: %s\n", what);
	return 99;
}
