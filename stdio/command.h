/*
 * Command lines: a verb, and what stands behind it.  Each protocol has one
 * table of its verbs, with what can be decided before the handler is called.
 */
#ifndef STDIO_COMMAND_H
#define STDIO_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct session;                 /* each protocol's own */
struct reply;                   /* likewise */

/* Flags of a row that every protocol has; its own ones start at 4. */
enum {
	NO_ARGUMENT = 1,                /* refused where one is given */
	NEEDS_ARGUMENT = 2              /* refused where none is given */
};

struct command {
	const char *verb;               /* in capitals; NULL ends the table */
	unsigned states;                /* where it is allowed, or-ed together */
	unsigned flags;                 /* or-ed together */

	/*
	 * Does what the command asks, and returns its one reply, for the
	 * loop to send; NULL says that it is out already.
	 */
	const struct reply *(*handler)(struct session *session,
	    char *argument);
};

/*
 * Parts a line at its first space or tab, which becomes a NUL: *argument is
 * all that stands behind it, or the empty string.
 */
void command_split(char *line, char **argument);

/* The text without the spaces and tabs around it, which are cut off. */
char *command_trim(char *text);

/* The row of a verb, compared without case; NULL where there is none. */
const struct command *command_find(const struct command *table,
    const char *verb);

#endif
