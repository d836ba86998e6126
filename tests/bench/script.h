/*
 * What a client says and waits for in a session, for `make bench`: read from a
 * file, one step a line, as
 *
 *     FILE UNTIL
 *
 * The contents of FILE are sent (`-`: nothing), and then output is read until
 *
 *     line    a line has ended
 *     reply   the last line of a reply of SMTP has ended
 *     dot     a line of one dot has ended
 *     end     the end of output; nothing more will be sent then
 */
#ifndef TESTS_BENCH_SCRIPT_H
#define TESTS_BENCH_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#define STEPS_MAX 16

enum until { UNTIL_LINE, UNTIL_REPLY, UNTIL_DOT, UNTIL_END };

struct step {
	const char *octets;     /* mapped; never freed */
	size_t length;
	enum until until;
};

struct script {
	struct step steps[STEPS_MAX];
	size_t count;
};

/* How much of what a step waits for has come. */
struct awaited {
	enum until until;
	size_t column;          /* octets of the line so far, counted up to 4 */
	bool goes_on;           /* this line of a reply is not its last */
	char tail[5];           /* the last octets, for UNTIL_DOT */
};

/* Reads a script; gives the program up where that cannot be done. */
void script_load(struct script *script, const char *path);

void awaited_start(struct awaited *awaited, enum until until);

/* Takes output in.  True when what is waited for is there; never for UNTIL_END. */
bool awaited_has_come(struct awaited *awaited, const char *octets, size_t length);

/* Ends the program with a message, and the system's reason where errno has one. */
_Noreturn void give_up(const char *what);

/* Microseconds of a clock that is never set. */
double microseconds(void);

#endif
