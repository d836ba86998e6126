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
	int64_t began;                  /* by deadline_clock() */
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
 * Passes the message, which has come whole, through the filter, delivers it,
 * and the report that its sender is to get.  In SMTP to all recipients or to
 * nobody: returns the reply.  In LMTP to each by itself: has sent a reply for
 * each, and returns NULL.  The transaction is over.
 */
const struct reply *incoming_finish(struct incoming *incoming);

/*
 * Why a message that comes in chunks fails already now: it is too big, or
 * cannot be stored.  NULL: it may go on.
 */
const struct reply *incoming_chunk_refusal(const struct incoming *incoming);

/*
 * A last line without an end gets one, which is not the client's and does not
 * count as such.
 */
void incoming_end_line(struct incoming *incoming);

/*
 * Finds out anew what is where in a message that another program has written
 * in the place of this one, which began with these trace lines.
 */
enum store_error incoming_survey(struct incoming *incoming, const char *trace,
    size_t length);

/* Logs what the store has to do with a message that is not delivered. */
void incoming_log_trouble(const struct incoming *incoming,
    enum store_error error);

/* Gives a message up. */
void incoming_abort(struct incoming *incoming);

#endif
