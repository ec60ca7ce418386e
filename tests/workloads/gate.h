/*
 * A workload says that it is ready and waits for a line: by then the test knows its pid and has
 * started a session, and nothing of the workload's own start is in the way.
 */
#include <stdio.h>
#include <unistd.h>

static inline void wait_for_go(void)
{
	char c;

	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		;
}
