/*
 * Replies (RFC 5321 section 4.2) with their enhanced status codes (RFC 3463):
 * all that smtp-stdio ever says, in one table.
 */
#ifndef SMTP_STDIO_REPLY_H
#define SMTP_STDIO_REPLY_H

#include <stdbool.h>

#include "store/error.h"

/* RFC 5321 section 4.5.3.1.5: a reply line with its code and CRLF. */
#define REPLY_LINE_OCTETS_MAX 512

struct reply {
	unsigned code;
	const char *enhanced;   /* NULL where RFC 2034 has none */
	const char *text;
};

enum reply_id {
	/* RFC 2034 section 4: no enhanced code in these */
	REPLY_GREETING,
	REPLY_GREETING_FAILED,
	REPLY_HELLO,
	REPLY_HELLO_SYNTAX,
	REPLY_OTHER_HELLO,
	REPLY_START_DATA,

	REPLY_OK,
	REPLY_SENDER_OK,
	REPLY_RECIPIENT_OK,
	REPLY_DELIVERED,
	REPLY_HELP,
	REPLY_BYE,
	REPLY_WILL_NOT_VERIFY,
	REPLY_AUTHENTICATED,
	REPLY_START_TLS,

	REPLY_STOPPED,
	REPLY_TIMED_OUT,
	REPLY_TOO_MANY_FAULTS,
	REPLY_STORE_FAILED,
	REPLY_NO_POSTMASTER,
	REPLY_STORE_FULL,
	REPLY_MAILBOX_FULL,
	REPLY_FORWARD_LEADS_NOWHERE,
	REPLY_FILTER_FAILED,
	REPLY_TOO_MANY_RECIPIENTS,
	REPLY_AUTH_FAILED,
	REPLY_TLS_NOT_READY,

	REPLY_UNKNOWN_COMMAND,
	REPLY_LINE_TOO_LONG,
	REPLY_LINE_BROKEN,
	REPLY_ARGUMENT_SYNTAX,
	REPLY_NO_ARGUMENT_ALLOWED,
	REPLY_NOT_OFFERED,
	REPLY_BAD_SEQUENCE,
	REPLY_UNKNOWN_MECHANISM,
	REPLY_ENCRYPTION_NEEDED,
	REPLY_WRONG_CREDENTIALS,
	REPLY_AUTH_CANCELLED,
	REPLY_NOT_BASE64,
	REPLY_AUTH_LINE_TOO_LONG,
	REPLY_TEXT_BEFORE_TLS,
	REPLY_LOGIN_NEEDED,
	REPLY_SENDER_SYNTAX,
	REPLY_RECIPIENT_SYNTAX,
	REPLY_SENDER_NOT_ASCII,
	REPLY_RECIPIENT_NOT_ASCII,
	REPLY_UNKNOWN_PARAMETER,
	REPLY_PARAMETER_SYNTAX,
	REPLY_UNKNOWN_MAILBOX,
	REPLY_NO_RELAY,
	REPLY_SENDER_NOT_QUALIFIED,
	REPLY_RECIPIENT_NOT_QUALIFIED,
	REPLY_TOO_BIG,
	REPLY_LINE_ENDS,
	REPLY_LOOP,
	REPLY_FILTER_REFUSES,

	REPLY_COUNT
};

/* The reply of an id; the table's memory. */
const struct reply *reply(enum reply_id id);

/* The reply where the store found no account for a recipient, or failed. */
const struct reply *reply_for_look_up(enum store_error error);

/* The reply where the store could not take a message. */
const struct reply *reply_for_delivery(enum store_error error);

/* A refusal for good, to a command or a message: it counts as a fault. */
bool reply_is_fault(const struct reply *reply);

#endif
