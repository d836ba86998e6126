/* Messages in files; see fetch_spool.h. */
#include "pop3-stdio/fetch_spool.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "stdio/temporary.h"
#include "store/durable.h"

int
spool_open(struct failure *failure)
{
	return temporary_open("pop3-fetch", failure);
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
