/* The commands of POP3 (RFC 1939 sections 4 to 7, RFC 2449). */
#ifndef POP3_STDIO_COMMANDS_H
#define POP3_STDIO_COMMANDS_H

#include "stdio/command.h"

/* A flag of a row, beside those of stdio/command.h. */
enum {
	SPACES_COUNT = 8        /* the argument is all behind one space */
};

extern const struct command pop3_commands[];

#endif
