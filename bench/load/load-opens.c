/* SPDX-License-Identifier: MIT */
/*
 * Opens a file and closes it again: load-opens COUNT RATE [FILE]. With "numbered" after it,
 * opens FILE0, FILE1 and so on instead, none of which should be there.
 */
#include "load.h"
#include <fcntl.h>
#include <unistd.h>

static bool open_once(void *context, int64_t i)
{
	int fd = open(context, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && close(fd) == 0;
}

static bool open_numbered(void *context, int64_t i)
{
	char name[128];

	snprintf(name, sizeof(name), "%s%lld", (char *)context, (long long)i);
	return open(name, O_RDONLY | O_CLOEXEC) < 0;
}

int main(int argc, char **argv)
{
	return run_load(argc, argv, argc > 4 ? open_numbered : open_once, argc > 3 ? argv[3] : "/etc/hostname");
}
