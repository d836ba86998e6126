/* Removing; see fetch_remove.h.  The command delete is here too. */
#include "pop3-stdio/fetch_remove.h"

#include <stdlib.h>
#include <sysexits.h>

#include "pop3-stdio/fetch_commands.h"

/* Takes the reply to one DELE. */
static bool
take_reply(struct fetch *fetch, struct removal *removal,
    struct failure *failure)
{
	char command[FETCH_COMMAND_SIZE];
	const char *text;

	fetch_command(command, "DELE", removal->number);
	switch (fetch_answer(fetch, command, &text, failure)) {
	case ANSWER_OK:
		removal->marked = true;
		return true;
	case ANSWER_REFUSED:
		fetch_note(fetch, failure);
		return true;
	case ANSWER_CHALLENGE:
	case ANSWER_NONE:
		break;
	}
	return false;
}

bool
fetch_remove(struct fetch *fetch, struct removal *removals, size_t count,
    struct failure *failure)
{
	unsigned window = fetch_window(fetch);
	size_t sent = 0, marked = 0, i;

	for (i = 0; i < count; i++) {
		while (sent < count && sent < i - i % window + window) {
			char command[FETCH_COMMAND_SIZE];

			fetch_command(command, "DELE",
			    removals[sent++].number);
			fetch_send(fetch, command);
		}
		if (!take_reply(fetch, &removals[i], failure))
			return false;
		marked += removals[i].marked;
	}
	if (marked == 0 || fetch_quit(fetch, failure))
		return true;
	/* what the server says is told, and what that means */
	fetch_note(fetch, failure);
	return failure_set(failure, EX_TEMPFAIL, "the messages may still be "
	    "there: the session did not end well");
}

bool
fetch_delete(struct fetch *fetch, const struct operands *operands,
    struct failure *failure)
{
	struct removal *removals;
	bool done;
	size_t i;

	removals = calloc(operands->count, sizeof *removals);
	if (removals == NULL)
		return failure_set(failure, EX_TEMPFAIL, "no memory");
	for (i = 0; i < operands->count; i++)
		removals[i].number = operands->numbers[i];
	done = fetch_remove(fetch, removals, operands->count, failure);
	free(removals);
	return done;
}
