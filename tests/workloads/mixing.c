/*
 * Forks, executes, opens, connects and asks for its parent, on every CPU and as fast as it can, until a line comes.
 * Then, after another line, once more on each CPU, so that no gap in a stream's numbers stays open at the end.
 * Prints after both what events it must have made: "exec N exit N open N connect N latency N"; getppid stands for
 * latency. The last line counts its own end too.
 * With the argument "once" there is no load: only what comes after the second line.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "gate.h"
#include "loopback.h"

/* A connection has four: connect, accept and both closes. */
#define EVENTS_OF_A_CONNECTION 4

struct counts {
	long execs, exits, opens, connects, calls;
};

static volatile int *stop;
static char child_program[PATH_MAX];

static void print_counts(const struct counts *done)
{
	printf("exec %ld exit %ld open %ld connect %ld latency %ld\n", done->execs, done->exits,
	       done->opens, done->connects, done->calls);
	fflush(stdout);
}

static void add(struct counts *sum, const struct counts *more)
{
	sum->execs += more->execs;
	sum->exits += more->exits;
	sum->opens += more->opens;
	sum->connects += more->connects;
	sum->calls += more->calls;
}

static void open_once(struct counts *done)
{
	long fd = syscall(SYS_openat, AT_FDCWD, done->opens % 2 ? "/no/such/file" : "/dev/null", O_RDONLY, 0);

	done->opens++;
	if (fd >= 0)
		close(fd);
}

static void connect_once(struct counts *done, int server)
{
	struct linger now = { .l_onoff = 1 };
	int fd = client("4", 0), accepted;

	check(-connect_to(fd, "4", port_of(server)), "connect");
	accepted = accept(server, NULL, NULL);
	check(accepted, "accept");
	/* Reset, so that no port stays in TIME-WAIT. */
	check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), "SO_LINGER");
	close(fd);
	wait_for_end(accepted);
	close(accepted);
	done->connects += EVENTS_OF_A_CONNECTION;
}

static void fork_once(struct counts *done)
{
	pid_t child = fork();

	check(child, "fork");
	if (child == 0)
		_exit(0);
	check(waitpid(child, NULL, 0), "waitpid");
	done->exits++;
}

static void exec_once(struct counts *done)
{
	char *arguments[] = { child_program, NULL }, *none[] = { NULL };
	pid_t child = vfork();
	int status;

	check(child, "vfork");
	if (child == 0) {
		execve(child_program, arguments, none);
		_exit(97);
	}
	check(waitpid(child, &status, 0), "waitpid");
	if (status != 0)
		exit(97);
	done->execs++;
	done->exits++;
}

static void work(struct counts *done, int server, int times)
{
	int i;

	for (i = 0; i < times; i++) {
		open_once(done);
		syscall(SYS_getppid);
		done->calls++;
	}
	for (i = 0; i < (times + 15) / 16; i++)
		connect_once(done, server);
	fork_once(done);
	exec_once(done);
}

static void work_in_child(struct counts *done)
{
	int server = listening("4", 5);

	while (!*stop)
		work(done, server, 64);
	_exit(0);
}

/* A child for each CPU that this process may use; wherever the scheduler puts them. */
static void work_everywhere(struct counts *sum, int children)
{
	struct counts *each = mmap(NULL, children * sizeof(*each), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char c;
	int i;

	for (i = 0; i < children; i++) {
		pid_t child = fork();

		check(child, "fork");
		if (child == 0)
			work_in_child(&each[i]);
	}
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		;
	*stop = 1;
	for (i = 0; i < children; i++) {
		int status;

		check(wait(&status), "wait");
		if (status != 0)
			exit(98);
		sum->exits++;
	}
	for (i = 0; i < children; i++)
		add(sum, &each[i]);
}

static void once_on_each(struct counts *done, const cpu_set_t *all)
{
	int server = listening("4", 5), cpu;
	cpu_set_t one;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		check(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
		work(done, server, 1);
	}
}

int main(int count, char **arguments)
{
	struct counts done = {};
	cpu_set_t all;
	ssize_t length = readlink("/proc/self/exe", child_program, sizeof(child_program) - 16);

	check(length, "/proc/self/exe");
	strcpy(strrchr(child_program, '/') + 1, "leaving");
	check(sched_getaffinity(0, sizeof(all), &all), "sched_getaffinity");
	stop = mmap(NULL, sizeof(*stop), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (count < 2 || strcmp(arguments[1], "once") != 0) {
		wait_for_go();
		work_everywhere(&done, CPU_COUNT(&all));
		print_counts(&done);
	}
	wait_for_go();
	once_on_each(&done, &all);
	done.exits++;
	print_counts(&done);
	return 0;
}
