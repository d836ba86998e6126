/* Temporary files; see temporary.h. */
#include "stdio/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/text.h"

int
temporary_open(const char *program, struct failure *failure)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	struct text text;
	int file;

	text_init(&text, path, sizeof path);
	text_add(&text, directory != NULL && *directory != '\0' ? directory :
	    "/tmp");
	text_add(&text, "/");
	text_add(&text, program);
	text_add(&text, ".XXXXXX");
	if (text.cut) {
		failure_set(failure, EX_CANTCREAT, "TMPDIR is too long");
		return -1;
	}
	file = mkstemp(path);
	if (file != -1 && unlink(path) == 0 &&
	    fcntl(file, F_SETFD, FD_CLOEXEC) == 0)
		return file;
	failure_set(failure, EX_CANTCREAT,
	    "cannot make a temporary file %s: %s", path, strerror(errno));
	if (file != -1)
		(void)close(file);
	return -1;
}
