/* SPDX-License-Identifier: MIT */
/* The program that load-execs executes: it does nothing, and is linked statically to do it soon. */
int main(void)
{
	return 0;
}
