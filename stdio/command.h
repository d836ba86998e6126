/*
 * Command lines: a verb, and what stands behind it.  Each protocol has one
 * table of its verbs, with what can be decided before the handler is called.
 */
#ifndef STDIO_COMMAND_H
#define STDIO_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;                 /* each protocol's own */
struct reply;                   /* likewise */

/* Flags of a row that every protocol has; its own ones start at 8. */
enum {
	NO_ARGUMENT = 1,                /* refused where one is given */
	NEEDS_ARGUMENT = 2,             /* refused where none is given */
	IS_SECRET = 4                   /* the argument is for no log or memory */
};

struct command {
	const char *verb;               /* in capitals; NULL ends the table */
	unsigned states;                /* where it is allowed, or-ed together */
	unsigned flags;                 /* or-ed together */
	uint32_t keyword;               /* what -X leaves it out by; 0: nothing */

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

/*
 * Logs a command as the client's part of the conversation; command is NULL
 * where it is not known.  What a password may be in is left out: and that is
 * all of an unknown one, since a client may send a response to what was no
 * challenge.
 */
void command_log(const struct command *command, const char *argument);

/*
 * Where the argument is a secret, or the command not known: moves it to copy,
 * which has room for the line and is the caller's to wipe, and wipes the
 * line, which the reader will move as soon as the command reads on.  Returns
 * the argument wherever it is.
 */
char *command_hide(const struct command *command, char *argument, char *line,
    size_t length, char *copy);

/* The row of a verb, compared without case; NULL where there is none. */
const struct command *command_find(const struct command *table,
    const char *verb);

#endif
