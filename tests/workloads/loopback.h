/* TCP sockets on loopback: what the kinds of connection are made of. */
#ifndef EBPFPS_LOOPBACK_H
#define EBPFPS_LOOPBACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static inline void check(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(98);
}

static inline socklen_t loopback(union address *address, const char *family, int port)
{
	memset(address, 0, sizeof(*address));
	if (strcmp(family, "4") == 0) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	inet_pton(AF_INET6, strcmp(family, "6") == 0 ? "::1" : "::ffff:127.0.0.1",
		  &address->v6.sin6_addr);
	return sizeof(address->v6);
}

static inline int port_of(int fd)
{
	union address address;
	socklen_t length = sizeof(address);

	check(getsockname(fd, &address.any, &length), "getsockname");
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static inline int listening(const char *family, int backlog)
{
	union address address;
	socklen_t length = loopback(&address, strcmp(family, "mapped") == 0 ? "4" : family, 0);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(fd, "socket");
	check(bind(fd, &address.any, length), "bind");
	check(listen(fd, backlog), "listen");
	return fd;
}

static inline int client(const char *family, int flags)
{
	int fd = socket(strcmp(family, "4") == 0 ? AF_INET : AF_INET6, SOCK_STREAM | flags, 0);

	check(fd, "socket");
	return fd;
}

static inline int connect_to(int fd, const char *family, int port)
{
	union address address;
	socklen_t length = loopback(&address, family, port);

	return connect(fd, &address.any, length) < 0 ? errno : 0;
}

static inline void send_bytes(int fd, long count)
{
	static char bytes[65536];

	while (count > 0) {
		ssize_t sent = send(fd, bytes, count < (long)sizeof(bytes) ? count : (long)sizeof(bytes), 0);

		check(sent, "send");
		count -= sent;
	}
}

static inline void receive_bytes(int fd, long count)
{
	static char bytes[65536];

	while (count > 0) {
		ssize_t got = recv(fd, bytes, count < (long)sizeof(bytes) ? count : (long)sizeof(bytes), 0);

		check(got, "recv");
		count -= got;
	}
}

static inline void wait_for_end(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		;
}

/* A network of the process's own; its loopback device is up if that is wanted. */
static inline void own_network(int up)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	check(unshare(CLONE_NEWNET), "unshare");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (up)
		check(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
	close(fd);
}

#endif
