/* SPDX-License-Identifier: MIT */
/* Reads one byte of /dev/zero: load-reads COUNT RATE. */
#include "load.h"
#include <fcntl.h>
#include <unistd.h>

static bool read_once(void *context, int64_t i)
{
	char byte;

	return read(*(int *)context, &byte, 1) == 1;
}

int main(int argc, char **argv)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("/dev/zero");
	return run_load(argc, argv, read_once, &fd);
}
