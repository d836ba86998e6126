/* The commands of SMTP (RFC 5321 section 4.1.1). */
#ifndef SMTP_STDIO_COMMANDS_H
#define SMTP_STDIO_COMMANDS_H

#include "stdio/command.h"

/* Flags of a row, beside those of stdio/command.h. */
enum {
	LAST_IN_GROUP = 8,      /* its reply is sent at once: RFC 2920 section 3.2 */
	NEEDS_LOGIN = 16        /* refused before AUTH on a submission service */
};

extern const struct command smtp_commands[];

#endif
