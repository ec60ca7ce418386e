/*
 * Opens files through io_uring: uring-open RING WHAT ARGUMENT..., where RING is one of make_ring()'s. Prints
 * each result: a descriptor, or an errno with a minus.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>

#include "gate.h"
#include "uring.h"

static long number(const char *text)
{
	return strtol(text, NULL, 0);
}

/* openat|openat2 DIRECTORY PATH FLAGS MODE */
static void open_one(int second, char **arguments)
{
	struct open_how how = { .flags = number(arguments[2]), .mode = number(arguments[3]) };
	/* Under a number that the test knows. */
	int directory = dup2(open(arguments[0], O_PATH | O_DIRECTORY), 40);
	struct io_uring_sqe *sqe;

	wait_for_go();
	sqe = request();
	if (second)
		io_uring_prep_openat2(sqe, directory, arguments[1], &how);
	else
		io_uring_prep_openat(sqe, directory, arguments[1], how.flags, how.mode);
	finish(sqe, 0, 7);
	printf("%d\n", run());
}

/* PATH: once with a slot that is named, once with one that the kernel chooses. */
static void open_direct(const char *path)
{
	struct io_uring_sqe *sqe;

	wait_for_go();
	sqe = request();
	io_uring_prep_openat_direct(sqe, AT_FDCWD, path, O_RDONLY, 0, 2);
	finish(sqe, 0, 7);
	printf("%d\n", run());
	sqe = request();
	io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
	sqe->file_index = IORING_FILE_INDEX_ALLOC;
	finish(sqe, 0, 7);
	printf("%d\n", run());
}

/* FIFO: the name's memory gets other bytes once the request is submitted, while it waits for a writer. */
static void open_reused(const char *path)
{
	static char name[4096];
	struct io_uring_sqe *sqe;
	int writer;

	strcpy(name, path);
	wait_for_go();
	sqe = request();
	io_uring_prep_openat(sqe, AT_FDCWD, name, O_RDONLY, 0);
	finish(sqe, IOSQE_ASYNC, 7);
	must(io_uring_submit(&ring), "io_uring_submit");
	strcpy(name, "another");
	writer = open(path, O_WRONLY);
	printf("%d\n", completion(NULL));
	close(writer);
}

/* PATH TIMES: so many in flight at once, each with a number of its own, every second file missing. */
static void open_many(const char *path, int times)
{
	char missing[64][32];
	int i;

	wait_for_go();
	for (i = 0; i < times; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		snprintf(missing[i], sizeof(missing[i]), "missing-%d", i);
		io_uring_prep_openat(sqe, AT_FDCWD, i % 2 ? missing[i] : path, O_RDONLY, 0);
		finish(sqe, 0, i);
	}
	must(io_uring_submit(&ring), "io_uring_submit");
	for (i = 0; i < times; i++)
		completion(NULL);
}

/* PATH: asks for no completion; then for one, of a request that has the same place in memory. */
static void open_skipped(const char *path)
{
	struct io_uring_sqe *sqe;

	wait_for_go();
	sqe = request();
	io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
	finish(sqe, IOSQE_CQE_SKIP_SUCCESS, 7);
	must(io_uring_submit(&ring), "io_uring_submit");
	sqe = request();
	io_uring_prep_nop(sqe);
	finish(sqe, 0, 7);
	printf("%d\n", run());
}

/* Other calls with the number of an open that is under way: the open is not taken for done. FIFO */
static void open_beside_others(const char *path)
{
	struct io_uring_sqe *sqe;
	int writer, i;

	wait_for_go();
	sqe = request();
	io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
	finish(sqe, IOSQE_ASYNC, 7);
	must(io_uring_submit(&ring), "io_uring_submit");
	for (i = 0; i < 4; i++) {
		sqe = io_uring_get_sqe(&ring);
		io_uring_prep_close(sqe, 999);
		finish(sqe, 0, 7);
		if (run() != -EBADF)
			exit(97);
	}
	writer = open(path, O_WRONLY);
	printf("%d\n", completion(NULL));
	close(writer);
}

int main(int count, char **arguments)
{
	const char *what = count > 3 ? arguments[2] : "";
	char **rest = arguments + 3;

	make_ring(count > 1 ? arguments[1] : "");
	if (strcmp(what, "openat") == 0 || strcmp(what, "openat2") == 0)
		open_one(strcmp(what, "openat2") == 0, rest);
	else if (strcmp(what, "direct") == 0)
		open_direct(rest[0]);
	else if (strcmp(what, "reused") == 0)
		open_reused(rest[0]);
	else if (strcmp(what, "many") == 0)
		open_many(rest[0], number(rest[1]));
	else if (strcmp(what, "skipped") == 0)
		open_skipped(rest[0]);
	else if (strcmp(what, "beside") == 0)
		open_beside_others(rest[0]);
	else
		return 99;
	return 0;
}
