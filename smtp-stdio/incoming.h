/*
 * A message on its way from the client into the store: trace lines on top,
 * its own octets as they come, and at its end the delivery and the reply.
 */
#ifndef SMTP_STDIO_INCOMING_H
#define SMTP_STDIO_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/header.h"
#include "smtp-stdio/reply.h"
#include "store/delivery.h"

struct session;

struct incoming {
	struct session *session;
	struct delivery delivery;
	struct header_scan header;
	enum store_error error;         /* the first one; the rest is dropped */
	bool has_bad_lines;             /* a bare CR or LF, or a NUL */
	uint64_t octets;                /* of the client's, line ends as CRLF */

	/* where things are in the file; the header ends before its empty line */
	uint64_t start, header_end;
};

/* Begins a message; NULL, or the reply that says why it cannot be. */
const struct reply *incoming_begin(struct incoming *incoming,
    struct session *session);

/*
 * Adds what the client has sent, with LF line ends, of which there are so
 * many; drops it where the message is refused whatever is still to come.
 */
void incoming_add(struct incoming *incoming, const char *octets,
    size_t length, uint64_t lines);

/*
 * Delivers the message, which has come whole, and the report that its sender
 * is to get, or nothing at all; returns the reply.  The transaction is over.
 */
const struct reply *incoming_finish(struct incoming *incoming);

/* Gives a message up. */
void incoming_abort(struct incoming *incoming);

#endif
