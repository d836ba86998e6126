/* One entry of the queue over a session with the smarthost. */
#ifndef SMTP_STDIO_QUEUE_SEND_H
#define SMTP_STDIO_QUEUE_SEND_H

#include <stdbool.h>

#include "smtp-stdio/queue_book.h"
#include "smtp-stdio/route.h"
#include "smtp-stdio/smtp_client.h"
#include "store/error.h"

/* Whether a recipient on the route is due. */
bool queue_is_due(const struct queue_entry *entry, const struct route *route);

/* What is to be said of an attempt. */
struct queue_attempt {
	bool is_answered;       /* the server has said something of somebody */
	bool is_free;           /* it was none: the session had ended before */
};

/*
 * Sends the entry to its recipients on the route that are due, and books what
 * becomes of them.  is_used: other messages went over this session before; so
 * where it ends before MAIL, that is nothing that befell this one.
 * STORE_MALFORMED: the envelope has what cannot be sent, and was left alone.
 */
enum store_error queue_send(struct queue_entry *entry,
    const struct route *route, struct smtp_client *client, bool is_used,
    struct queue_attempt *attempt);

#endif
