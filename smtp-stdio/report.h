/*
 * Where a report goes (RFC 3461 section 6): to the account here that takes
 * mail for the reverse-path, and further where that forwards its mail; else
 * to the queue for other hosts.  To the null reverse-path, and to one that
 * nobody here takes mail for, there is none.
 */
#ifndef SMTP_STDIO_REPORT_H
#define SMTP_STDIO_REPORT_H

#include "smtp-stdio/dsn.h"
#include "smtp-stdio/envelope.h"
#include "smtp-stdio/placing.h"
#include "store/address.h"
#include "store/delivery.h"
#include "store/error.h"
#include "store/root.h"

struct report {
	struct delivery delivery;       /* its file is -1 where there is none */
	struct envelope envelope;
	struct placing placing;
};

/*
 * Which account here takes mail for a reverse-path without brackets.
 * STORE_NOT_HOSTED also for the null one.
 */
enum store_error report_find_sender(struct mail_root *root,
    const char *reverse_path, struct address *account);

/*
 * Writes a report, which is not yet delivered.  STORE_OK also where there is
 * nobody to tell.  report_end() ends it also after a failure.
 */
enum store_error report_write(struct report *report, struct mail_root *root,
    const struct dsn *dsn);

/* Begins a report that there is none of, for report_end(). */
void report_init(struct report *report);

/* Delivers it to all whom it goes to, or to nobody; STORE_OK without one. */
enum store_error report_place(struct report *report);

/* Gives up what is not delivered; what is queued may be sent from here on. */
void report_end(struct report *report);

#endif
