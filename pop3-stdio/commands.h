/* The commands of POP3 (RFC 1939 sections 4 to 7, RFC 2449). */
#ifndef POP3_STDIO_COMMANDS_H
#define POP3_STDIO_COMMANDS_H

#include "stdio/command.h"

/* A flag of a row, beside those of stdio/command.h. */
enum {
	SPACES_COUNT = 8        /* the argument is all behind one space */
};

extern const struct command pop3_commands[];

/*
 * The capabilities of RFC 2449 section 6 and later, each of which can be left
 * out (-X): as bits, in the order of their names, which a NULL ends.
 */
enum keyword {
	KEYWORD_TOP = 1,
	KEYWORD_UIDL = 2,
	KEYWORD_USER = 4,
	KEYWORD_SASL = 8,
	KEYWORD_RESP_CODES = 16,
	KEYWORD_AUTH_RESP_CODE = 32,
	KEYWORD_PIPELINING = 64,
	KEYWORD_EXPIRE = 128,
	KEYWORD_STLS = 256,
	KEYWORD_IMPLEMENTATION = 512
};

extern const char *const pop3_keywords[];

#endif
