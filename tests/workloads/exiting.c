/* Ends in the way that its argument names. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *exit_later(void *code)
{
	prctl(PR_SET_NAME, "worker");
	sleep(2);
	_exit((int)(long)code);
}

static void *leave(void *unused)
{
	(void)unused;
	syscall(SYS_exit, 0);
	return NULL;
}

int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "";
	struct rlimit none = { 0, 0 };
	pthread_t threads[64];
	int i;

	setrlimit(RLIMIT_CORE, &none);
	if (strcmp(how, "code") == 0)
		_exit(atoi(arguments[2]));
	if (strcmp(how, "signal") == 0) {
		signal(atoi(arguments[2]), SIG_DFL);
		kill(getpid(), atoi(arguments[2]));
		pause();
	}
	if (strcmp(how, "sleep") == 0) {
		usleep(atoi(arguments[2]) * 1000);
		_exit(0);
	}
	/* The leader leaves first; a worker ends the process two seconds later. */
	if (strcmp(how, "worker") == 0) {
		pthread_create(&threads[0], NULL, exit_later, (void *)7);
		syscall(SYS_exit, 3);
	}
	/* All threads leave by themselves, many at once. */
	if (strcmp(how, "threads") == 0) {
		for (i = 0; i < 64; i++)
			pthread_create(&threads[i], NULL, leave, NULL);
		syscall(SYS_exit, 5);
	}
	fprintf(stderr, "unknown way to end: %s\n", how);
	return 99;
}
