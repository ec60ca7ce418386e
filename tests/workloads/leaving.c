/* Does nothing. Linked statically, so that executing it opens no file. */
int main(void)
{
	return 0;
}
