/* A ring of io_uring, through liburing, and requests that go through it in one way or another. */
#ifndef EBPFPS_URING_H
#define EBPFPS_URING_H

#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-result));
	exit(96);
}

static struct io_uring ring;
static unsigned int every; /* flags of every request */
static int linked;

/*
 * plain: as most programs do; async: done by a worker; sqpoll: submitted by the ring's own thread;
 * linked: behind a request that does nothing.
 */
static inline void make_ring(const char *how)
{
	struct io_uring_params params = {};
	int none[] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	if (strcmp(how, "sqpoll") == 0) {
		params.flags = IORING_SETUP_SQPOLL;
		params.sq_thread_idle = 100;
	}
	if (strcmp(how, "async") == 0)
		every = IOSQE_ASYNC;
	linked = strcmp(how, "linked") == 0;
	must(io_uring_queue_init_params(64, &ring, &params), "io_uring_queue_init");
	/* Room for direct descriptors. */
	must(io_uring_register_files(&ring, none, 8), "io_uring_register_files");
}

static inline struct io_uring_sqe *request(void)
{
	struct io_uring_sqe *sqe;

	if (linked) {
		sqe = io_uring_get_sqe(&ring);
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK);
		sqe->user_data = 1000;
	}
	return io_uring_get_sqe(&ring);
}

/* Prepared requests lose their flags and number, so both are set last. */
static inline void finish(struct io_uring_sqe *sqe, unsigned int flags, int number)
{
	sqe->flags |= every | flags;
	sqe->user_data = number;
}

/* The next completion that is not of a link's first request. */
static inline int completion(unsigned int *flags)
{
	struct io_uring_cqe *cqe;
	int number, result;

	do {
		must(io_uring_wait_cqe(&ring, &cqe), "io_uring_wait_cqe");
		number = cqe->user_data;
		result = cqe->res;
		if (flags)
			*flags = cqe->flags;
		io_uring_cqe_seen(&ring, cqe);
	} while (number == 1000);
	return result;
}

static inline int run(void)
{
	must(io_uring_submit(&ring), "io_uring_submit");
	return completion(NULL);
}

#endif
