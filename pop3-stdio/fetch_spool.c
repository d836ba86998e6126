/* Messages in files; see fetch_spool.h. */
#include "pop3-stdio/fetch_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/text.h"

int
spool_open(struct failure *failure)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	struct text text;
	int file;

	text_init(&text, path, sizeof path);
	text_add(&text, directory != NULL && *directory != '\0' ? directory :
	    "/tmp");
	text_add(&text, "/pop3-fetch.XXXXXX");
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

static bool
write_octets(void *context, const char *octets, size_t length,
    struct failure *failure)
{
	const int *file = context;

	return durable_write(*file, octets, length) == 0 ||
	    failure_set(failure, EX_TEMPFAIL,
	    "cannot write a temporary file: %s: $TMPDIR names the directory",
	    strerror(errno));
}

enum answer
spool_message(struct fetch *fetch, int file, uint64_t number, uint64_t octets,
    struct failure *failure)
{
	char command[FETCH_COMMAND_SIZE];
	enum answer answer;

	if (durable_empty(file) == -1) {
		(void)failure_set(failure, EX_TEMPFAIL,
		    "cannot empty a temporary file: %s", strerror(errno));
		return ANSWER_NONE;
	}
	answer = fetch_ask(fetch, "RETR", number, failure);
	fetch_command(command, "RETR", number);
	if (answer == ANSWER_OK && !fetch_text(fetch, command,
	    fetch_octets_max(octets), write_octets, &file, failure))
		return ANSWER_NONE;
	return answer;
}
