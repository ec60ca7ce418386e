/* Takes so many names one after the other, and asks for its parent under each: renaming COUNT. */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "gate.h"

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, i;
	char name[16];

	wait_for_go();
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		prctl(PR_SET_NAME, name);
		syscall(SYS_getppid);
	}
	return 0;
}
