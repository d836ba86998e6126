/*
 * Replies (RFC 1939 section 3) with their response codes (RFC 2449 section 8,
 * RFC 3206): all that pop3-stdio says but for lists and messages.
 */
#ifndef POP3_STDIO_REPLY_H
#define POP3_STDIO_REPLY_H

#include <stdbool.h>

#include "store/error.h"

/* RFC 1939 section 3: a reply line with its CRLF. */
#define REPLY_LINE_OCTETS_MAX 512

struct reply {
	bool positive;          /* +OK, else -ERR */
	bool fault;             /* of syntax, state or login: -e bounds them */
	const char *text;       /* with its response code; no other has a [ */
};

enum reply_id {
	REPLY_OK,
	REPLY_USER_OK,
	REPLY_LOGGED_IN,
	REPLY_BYE,
	REPLY_REMOVED,
	REPLY_START_TLS,

	REPLY_UNKNOWN_COMMAND,
	REPLY_NOT_OFFERED,
	REPLY_LINE_TOO_LONG,
	REPLY_LINE_BROKEN,
	REPLY_ARGUMENT_SYNTAX,
	REPLY_NO_ARGUMENT_ALLOWED,
	REPLY_BAD_STATE,
	REPLY_PASS_WITHOUT_USER,
	REPLY_NOT_PROTECTED,
	REPLY_WRONG_PASSWORD,
	REPLY_UNKNOWN_MECHANISM,
	REPLY_NOT_BASE64,
	REPLY_CANCELLED,
	REPLY_PROTECTED_ALREADY,
	REPLY_TLS_NOT_OFFERED,
	REPLY_TLS_NOT_READY,
	REPLY_TEXT_BEFORE_TLS,
	REPLY_NO_MESSAGE,
	REPLY_DELETED_ALREADY,
	REPLY_IN_USE,
	REPLY_STORE_FAILED,
	REPLY_ACCOUNT_BROKEN,
	REPLY_MESSAGE_GONE,
	REPLY_NOT_ALL_REMOVED,

	REPLY_COUNT
};

/* The reply of an id; the table's memory. */
const struct reply *reply(enum reply_id id);

#endif
