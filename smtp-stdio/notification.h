/*
 * What the sender of a message that is being delivered is told of it: of the
 * recipients that nobody gets the mail of, and of those whose delivery here he
 * wants to know of (RFC 3461 section 5.2).
 */
#ifndef SMTP_STDIO_NOTIFICATION_H
#define SMTP_STDIO_NOTIFICATION_H

#include <stdbool.h>

#include "smtp-stdio/incoming.h"
#include "smtp-stdio/report.h"
#include "store/error.h"

/*
 * Writes the report that a message calls for, which has come whole and is not
 * yet delivered: about the recipients for whom wanted is set, or, with NULL,
 * about all.  STORE_OK also where there is nothing to tell.  report_end() ends
 * it also after a failure.
 */
enum store_error notification_write(struct report *report,
    const struct incoming *message, const bool *wanted);

#endif
