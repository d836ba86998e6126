/*
 * Programs that the command line names (-A, -f, -T): their words, whether they
 * can be executed, and running one to its end.
 */
#ifndef STDIO_PROGRAM_H
#define STDIO_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_WORDS_MAX 256

/* A command split at its blanks; no quoting, no shell. */
struct program {
	char *words[PROGRAM_WORDS_MAX + 1];     /* ends in a NULL */
	size_t count;
	char text[4096];
};

/* Has no word yet. */
void program_init(struct program *program);

/* False where it has no word, or more than there is room for. */
bool program_split(struct program *program, const char *command);

/* Adds a word, which stays the caller's; false where there is no room. */
bool program_add(struct program *program, char *word);

/* Whether execvp(3) would find it now: its first word, by $PATH or by path. */
bool program_is_executable(const struct program *program);

/*
 * Gives a process that is to execute another program what it expects:
 * signals as they are by default.  Descriptors above 2 of ours are closed by
 * the exec itself.
 */
void program_prepare(void);

enum program_end {
	PROGRAM_EXITED,
	PROGRAM_KILLED,         /* by a signal, of whosever */
	PROGRAM_TOO_SLOW,       /* and so by us */
	PROGRAM_FAILED          /* it could not be started */
};

/* What a program is given. */
struct program_input {
	int descriptors[4];     /* its 0 to 3; -1: /dev/null, and our own 2
	                         * unless that is the connection */
	unsigned seconds;       /* that it has */
	uint64_t file_octets;   /* the most that it may write to a file; 0: any */

	/* called in its process before it is executed; may be NULL */
	bool (*prepare)(void *context);
	void *context;
};

/*
 * Runs a program to its end.  *status is what it exited with.  A request to
 * stop ends it at once.
 */
enum program_end program_run(const struct program *program,
    const struct program_input *input, int *status);

#endif
