/* Why a session ended: a word for the log, and an exit status. */
#ifndef STDIO_SESSION_END_H
#define STDIO_SESSION_END_H

#include <sys/types.h>

#include "stdio/line_reader.h"

enum session_end {
	NOT_ENDED,
	END_QUIT,               /* QUIT, answered */
	END_CLOSED,             /* the client closed: as good as QUIT */
	END_TIMED_OUT,
	END_STOPPED,            /* by a signal: see process.h */
	END_FAULTS,             /* too many */
	END_STORE,              /* the store is in trouble */
	END_TLS,                /* a TLS wrapper is to take the connection */
	END_INJECTION,          /* clear text stood behind the request for TLS */
	END_NO_PROXY_HEADER,    /* or one that is malformed (-P) */
	END_RULE                /* closed as -x says */
};

/* Why a session ends when the reader says READ_END, _TIMED_OUT or _STOPPED. */
enum session_end session_end_from(enum read_status status);

/*
 * Waits for the process that has served the client, and whose exit status is
 * why it ended; it is asked to stop where this one is.
 */
enum session_end session_end_of(pid_t child);

const char *session_end_text(enum session_end end);

/* From sysexits.h: 0, 75 or 77; END_TLS is 75, where that has failed. */
int session_end_status(enum session_end end);

#endif
