/* What the sender of an entry of the queue is told (RFC 3464). */
#ifndef SMTP_STDIO_QUEUE_REPORT_H
#define SMTP_STDIO_QUEUE_REPORT_H

#include "smtp-stdio/queue_book.h"
#include "store/error.h"

/*
 * Makes one report, about all recipients that are booked and all that are
 * delayed, and places it: in the sender's mailbox here, or in the queue.  A
 * sender who cannot be told here is told nothing.  STORE_OK: that is done.
 */
enum store_error queue_report(const struct queue_entry *entry);

#endif
