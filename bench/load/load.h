/* SPDX-License-Identifier: MIT */
/*
 * A load generator does one thing COUNT times, RATE times a second or as fast as it can, and prints
 * what it did by its own account: `count=N failed=N seconds=S ns_per_op=NS cpu_ns_per_op=NS`. ns_per_op
 * leaves out the pauses of a paced run; cpu_ns_per_op is processor time, children's too, and so
 * tells the same on a machine that does other things meanwhile.
 */
#ifndef EBPFPS_BENCH_LOAD_H
#define EBPFPS_BENCH_LOAD_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define NS_PER_SECOND 1000000000LL

/* A paced run works in slices of this length, and sleeps for the rest of each. */
#define SLICE_NS 1000000LL

static inline int64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * NS_PER_SECOND + at.tv_nsec;
}

static inline int64_t timeval_ns(struct timeval at)
{
	return at.tv_sec * NS_PER_SECOND + at.tv_usec * 1000LL;
}

static inline int64_t cpu_ns(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return timeval_ns(self.ru_utime) + timeval_ns(self.ru_stime) + timeval_ns(children.ru_utime) +
	       timeval_ns(children.ru_stime);
}

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void sleep_until(int64_t ns)
{
	struct timespec at = { .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* Runs once(context, i) as the command line says; argv[1] is COUNT, argv[2] RATE, 0 for no pauses. */
static inline int run_load(int argc, char **argv, bool (*once)(void *, int64_t), void *context)
{
	int64_t count = argc > 1 ? atoll(argv[1]) : 1000000;
	int64_t rate = argc > 2 ? atoll(argv[2]) : 0;
	int64_t done = 0, failed = 0, busy = 0, start = now_ns(), cpu = cpu_ns();

	while (done < count) {
		int64_t before = now_ns();
		int64_t due = rate ? (before - start + SLICE_NS) * rate / NS_PER_SECOND : count;

		for (; done < count && done < due; done++)
			failed += !once(context, done);
		busy += now_ns() - before;
		if (rate && done < count)
			sleep_until(before + SLICE_NS);
	}
	printf("count=%lld failed=%lld seconds=%.6f ns_per_op=%.1f cpu_ns_per_op=%.1f\n", (long long)done,
	       (long long)failed, (double)(now_ns() - start) / NS_PER_SECOND, (double)busy / (done ? done : 1),
	       (double)(cpu_ns() - cpu) / (done ? done : 1));
	return 0;
}

#endif
