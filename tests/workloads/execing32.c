/* A 32-bit program without a C library: two executions that fail, by execve(2) and execveat(2), and one that doesn't. */
static long call(long number, long first, long second, long third, long fourth)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(0)
			 : "memory");
	return result;
}

void _start(void)
{
	char *list[] = { "true", "--from", "32 bits", 0 };
	char *none[] = { 0 };
	long failed = call(11, (long)"/no/such/file", (long)list, (long)none, 0);
	long failed_at = call(358, -100, (long)"/no/such/file", (long)list, (long)none);

	if (failed == -2 && failed_at == -2)
		call(11, (long)"/bin/true", (long)list, (long)none, 0);
	call(1, 98, 0, 0, 0);
}
