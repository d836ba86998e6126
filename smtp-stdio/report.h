/*
 * Delivery status notifications (RFC 3461, RFC 3464): what a sender is told
 * of the recipients that have failed, or whose delivery it wants to know of.
 * One report for a message, into the sender's mailbox here; a sender of
 * another host is told nothing.
 */
#ifndef SMTP_STDIO_REPORT_H
#define SMTP_STDIO_REPORT_H

#include "smtp-stdio/incoming.h"
#include "store/address.h"
#include "store/delivery.h"
#include "store/error.h"

struct session;

struct report {
	struct delivery delivery;       /* its file is -1 where there is none */
	char sender[ADDRESS_TEXT_SIZE]; /* the account that gets it */
};

/*
 * Which account here takes mail for the reverse-path.  STORE_NOT_HOSTED also
 * for the null one.
 */
enum store_error report_find_sender(struct session *session,
    struct address *account);

/*
 * Writes the report that a message calls for, which has come whole and is not
 * yet delivered: about the recipients for whom wanted is set, or, with NULL,
 * about all.  STORE_OK also where there is nothing to tell.  After a failure
 * there is nothing to abort.
 */
enum store_error report_write(struct report *report,
    const struct incoming *message, const bool *wanted);

/* Delivers it; STORE_OK where there is none. */
enum store_error report_deliver(struct report *report);

/* Gives up what is not delivered. */
void report_abort(struct report *report);

#endif
