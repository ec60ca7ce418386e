/* A 32-bit program without a C library: calls getpid(2) ten times and exits. */
static long call(long number, long first)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first) : "memory");
	return result;
}

void _start(void)
{
	int i;

	for (i = 0; i < 10; i++)
		call(20, 0);
	call(1, 0);
}
