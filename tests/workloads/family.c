/*
 * Processes of one family, each of which tries to open a file that is called like its place in it.
 * Two of them are there before the session starts; the others come later.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "gate.h"

static int go[2], done[2];

static void say(const char *name)
{
	open(name, O_RDONLY);
}

static void write_one(int end)
{
	if (write(end, "", 1) != 1)
		_exit(98);
}

/* Waits until the other end of the pipe is closed. */
static void wait_for_close(int *ends)
{
	char c;

	close(ends[1]);
	while (read(ends[0], &c, 1) > 0)
		;
}

static void wait_for_all(void)
{
	while (wait(NULL) > 0)
		;
}

/* There before the session: a child and its child. */
static void start_early(void)
{
	int there[2];
	char c;

	if (pipe(there))
		_exit(98);
	if (fork()) {
		if (read(there[0], &c, 1) != 1)
			_exit(98);
		return;
	}
	if (!fork()) {
		write_one(there[1]);
		wait_for_close(go);
		say("early-grandchild");
		_exit(0);
	}
	wait_for_close(go);
	say("early-child");
	wait_for_all();
	_exit(0);
}

static void start_late(void)
{
	if (fork())
		return;
	say("late-child");
	if (!fork()) {
		say("late-grandchild");
		_exit(0);
	}
	wait_for_all();
	_exit(0);
}

/* A process whose parent has gone before it does anything. */
static void start_orphan(void)
{
	pid_t parent;

	if (pipe(done))
		_exit(98);
	if (fork()) {
		wait(NULL);
		close(done[1]);
		/* The orphan is not ours to wait for: it closes its end when it has spoken. */
		return;
	}
	parent = getpid();
	if (!fork()) {
		while (getppid() == parent)
			usleep(1000);
		say("orphan");
		_exit(0);
	}
	_exit(0);
}

int main(int count, char **arguments)
{
	char c;

	if (pipe(go))
		return 98;
	start_early();
	close(go[0]);
	wait_for_go();
	say("parent");
	close(go[1]);
	start_late();
	start_orphan();
	while (read(done[0], &c, 1) > 0)
		;
	/* PROGRAM: a child that becomes another program. */
	if (count > 1 && !fork()) {
		execl(arguments[1], arguments[1], NULL);
		_exit(1);
	}
	wait_for_all();
	return 0;
}
