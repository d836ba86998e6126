/*
 * What a session cannot cost less than, as programs of their own.
 *
 *     floor                    ends at once
 *     floor durable DIRECTORY  puts one file of 2 KiB below it, to last: write,
 *                              sync, link, sync of the directory, unlink
 *     floor sync FILE          writes what comes on standard input, and syncs it
 *     floor list DIRECTORY ... reads directories, and prints how many names
 *     floor wait               says one line and waits for the end of input,
 *                              with two buffers of 64 KiB that it does not use
 *     floor quiet COMMAND ...  runs a command that shall not write to a
 *                              connection that is its descriptor 2
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffers[2][65536];

static int
durable(const char *directory)
{
	char name[64];
	int above, temporary, visible, file;

	snprintf(name, sizeof name, "%ld", (long)getpid());
	above = open(directory, O_RDONLY | O_DIRECTORY);
	temporary = openat(above, "tmp", O_RDONLY | O_DIRECTORY);
	visible = openat(above, "new", O_RDONLY | O_DIRECTORY);
	file = openat(temporary, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (write(file, buffers[0], 2048) != 2048 || fsync(file) == -1 ||
	    linkat(temporary, name, visible, name, 0) == -1 ||
	    fsync(visible) == -1 || unlinkat(temporary, name, 0) == -1)
		return 1;
	return 0;
}

static int
sync_input(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t got;

	while ((got = read(0, buffers, sizeof buffers)) > 0) {
		if (write(file, buffers, (size_t)got) != got)
			return 1;
	}
	return got == -1 || fsync(file) == -1;
}

static int
list(char **directories)
{
	unsigned long count = 0;
	const struct dirent *entry;
	DIR *directory;

	for (; *directories != NULL; directories++) {
		directory = opendir(*directories);
		if (directory == NULL)
			return 1;
		while ((entry = readdir(directory)) != NULL)
			count += entry->d_name[0] != '.';
		closedir(directory);
	}
	printf("%lu\n", count);
	return 0;
}

static int
wait_for_end(void)
{
	ssize_t got;

	if (write(1, "220 here\r\n", 10) != 10)
		return 1;
	do
		got = read(0, buffers[0], sizeof buffers[0]);
	while (got > 0);
	return got == -1;
}

static int
quiet(char **command)
{
	int null = open("/dev/null", O_WRONLY);

	if (null == -1 || dup2(null, 2) == -1)
		return 1;
	close(null);
	execvp(command[0], command);
	return 127;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return 0;
	if (argc == 3 && strcmp(argv[1], "durable") == 0)
		return durable(argv[2]);
	if (argc == 3 && strcmp(argv[1], "sync") == 0)
		return sync_input(argv[2]);
	if (argc > 2 && strcmp(argv[1], "list") == 0)
		return list(argv + 2);
	if (argc == 2 && strcmp(argv[1], "wait") == 0)
		return wait_for_end();
	if (argc > 2 && strcmp(argv[1], "quiet") == 0)
		return quiet(argv + 2);
	return 64;
}
