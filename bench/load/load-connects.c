/* SPDX-License-Identifier: MIT */
/*
 * Connects over TCP on 127.0.0.1, to a thread of its own that accepts, and closes both ends:
 * load-connects COUNT RATE. The server says when it has accepted: a connection that is reset before
 * has no second end. The client's end is reset, so that no port stays in TIME-WAIT.
 */
#include "load.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
	int listener;
	struct sockaddr_in address;
};

static void *accept_all(void *context)
{
	struct server *server = context;
	char byte = 0;

	for (;;) {
		int fd = accept(server->listener, NULL, NULL);

		if (fd < 0)
			return NULL;
		if (write(fd, &byte, 1) != 1)
			die("a byte to the client");
		/* Ends when the client has gone. */
		while (read(fd, &byte, 1) > 0)
			;
		close(fd);
	}
}

static bool connect_once(void *context, int64_t i)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct server *server = context;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;
	bool good = fd >= 0 &&
		    connect(fd, (struct sockaddr *)&server->address, sizeof(server->address)) == 0 &&
		    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0 &&
		    read(fd, &byte, 1) == 1;

	close(fd);
	return good;
}

int main(int argc, char **argv)
{
	struct server server = { .address = { .sin_family = AF_INET } };
	socklen_t length = sizeof(server.address);
	pthread_t thread;

	server.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server.listener < 0 ||
	    bind(server.listener, (struct sockaddr *)&server.address, sizeof(server.address)) != 0 ||
	    listen(server.listener, 4096) != 0 ||
	    getsockname(server.listener, (struct sockaddr *)&server.address, &length) != 0)
		die("a listener on 127.0.0.1");
	if (pthread_create(&thread, NULL, accept_all, &server) != 0)
		die("a thread");
	return run_load(argc, argv, connect_once, &server);
}
