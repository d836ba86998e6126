/*
 * The text of a delivery status notification (RFC 3461 section 6, RFC 3464):
 * what became of a message, for people, for programs, and the message itself
 * or its header.
 */
#ifndef SMTP_STDIO_DSN_H
#define SMTP_STDIO_DSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/delivery.h"
#include "store/error.h"

/* RFC 3464 section 2.3.3 */
enum dsn_action {
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED             /* to where reports are not made, or to several */
};

/* One recipient; "" stands for what there is not, 0 for no time. */
struct dsn_recipient {
	const char *forward_path;       /* without brackets */
	const char *original;           /* ORCPT, decoded: type;address */
	enum dsn_action action;
	const char *status;             /* RFC 3463 */
	const char *words;              /* the same for people */
	const char *server, *said;      /* the other host's name and reply */
	int64_t last_attempt, retry_until;      /* since 1970 */
};

/* What a report is made from; all of it stays the caller's. */
struct dsn {
	const char *hostname;           /* ours */
	const char *reverse_path;       /* of the message, without brackets */
	const char *envelope_id;        /* ENVID, decoded; "": none */
	int64_t arrived;
	bool returns_header;            /* RET=HDRS */
	const struct dsn_recipient *recipients;
	size_t count;                   /* at least one */

	/* the message, open for reading, and where things are in it */
	int message;
	uint64_t start, header_end, end;
	bool has_utf8_header;           /* RFC 6533: it is not ASCII */
};

/*
 * Finds out where things are in a stored message that is open: its own octets
 * behind a Return-Path on top, and the end of its header.
 */
enum store_error dsn_survey(struct dsn *dsn);

/*
 * Writes the report from postmaster in a domain.  A failure returns the whole
 * message, unless only its header was asked for; all else only that.
 */
enum store_error dsn_write(const struct dsn *dsn, const char *domain,
    struct delivery *report);

#endif
