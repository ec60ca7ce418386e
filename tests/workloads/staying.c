/* Opens a FIFO that nobody writes to, in many threads: staying FIFO THREADS. None returns until somebody does. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "gate.h"

static void *open_fifo(void *path)
{
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 0, i;
	pthread_t *threads = calloc(count, sizeof(*threads));

	wait_for_go();
	for (i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, open_fifo, argv[1]);
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
