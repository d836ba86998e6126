/* A server's reply, as a client reads it (RFC 5321 section 4.2). */
#ifndef SMTP_STDIO_ANSWER_H
#define SMTP_STDIO_ANSWER_H

#include <stdbool.h>

#include "stdio/connection.h"
#include "stdio/failure.h"

struct answer {
	unsigned code;          /* 200 to 599 */
	char status[12];        /* the enhanced status code; "" for none */
	char text[3000];        /* of all lines, with one status; cut, but a
	                         * SASL challenge fits */
};

/*
 * Takes the reply to a command, which to names for messages.  each, unless it
 * is NULL, is told of every line's text behind the code.  seconds: how long
 * each line may take.  False, with the failure, where there is none or it is
 * malformed: the connection is of no use any more.
 */
bool answer_read(struct answer *answer, struct connection *connection,
    unsigned seconds, const char *to,
    void (*each)(void *context, const char *text), void *context,
    struct failure *failure);

/*
 * Notes that the reply is not the one that was hoped for: EX_TEMPFAIL where it
 * may be another one later.  Always false.
 */
bool answer_refuses(const struct answer *answer,
    const struct connection *connection, const char *to,
    struct failure *failure);

/* Whether the reply says yes, no for now, or no for good. */
bool answer_is_good(const struct answer *answer);
bool answer_is_transient(const struct answer *answer);

#endif
