/*
 * A directory of a unit test's own, with what the test puts there; it is gone
 * when the test has ended.
 */
#ifndef TESTS_LIB_DIRECTORY_H
#define TESTS_LIB_DIRECTORY_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/tree.h"
#include "tests/lib/check.h"

static struct {
	char path[512];
	pid_t owner;            /* children end without removing it */
} own_directory;

static inline void
remove_directory(void)
{
	if (getpid() == own_directory.owner)
		(void)tree_remove(AT_FDCWD, own_directory.path);
}

/* Makes the directory, and returns its path, which is absolute. */
static inline const char *
make_directory(void)
{
	const char *given = getenv("TMPDIR");
	char *above = realpath(given == NULL ? "/tmp" : given, NULL);

	must(above != NULL && snprintf(own_directory.path,
	    sizeof own_directory.path, "%s/mail-stdio-XXXXXX", above) <
	    (int)sizeof own_directory.path &&
	    mkdtemp(own_directory.path) != NULL, "no directory");
	free(above);
	own_directory.owner = getpid();
	must(atexit(remove_directory) == 0, "no end");
	return own_directory.path;
}

/* The path of a name in it; good until the fourth call from now. */
static inline const char *
path_of(const char *name)
{
	static char paths[4][1024];
	static unsigned turn;
	char *path = paths[turn++ % COUNT(paths)];

	must(snprintf(path, sizeof paths[0], "%s/%s", own_directory.path,
	    name) < (int)sizeof paths[0], "a long name");
	return path;
}

/* Puts a file there, in place of what is there under that name. */
static inline void
put_file(const char *name, const char *content, size_t length, mode_t mode)
{
	const char *path = path_of(name);
	int file;

	(void)unlink(path);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	must(file != -1 && durable_write(file, content, length) == 0 &&
	    fchmod(file, mode) == 0 && close(file) == 0, "no file");
}

/* Reads a file there, and puts a NUL behind it; "" where there is none. */
static inline const char *
get_file(const char *name)
{
	static char content[65536];
	int file = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;
	size_t length = 0;

	while (file != -1 && (got = durable_read(file, content + length,
	    sizeof content - 1 - length)) > 0)
		length += (size_t)got;
	if (file != -1)
		(void)close(file);
	content[length] = '\0';
	return content;
}

#endif
